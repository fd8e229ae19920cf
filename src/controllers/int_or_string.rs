//! Numbers that may be given as a share of another.

use crate::base::Value;

/// The number that an `IntOrString` field means of `total`: itself, or a percentage of it.
pub fn scaled(value: &Value, total: i64, round_up: bool) -> i64 {
    let Some(percent) = value.str().strip_suffix('%').and_then(|digits| digits.parse::<i64>().ok()) else {
        return value.int();
    };
    if round_up { (percent * total + 99).div_euclid(100) } else { (percent * total).div_euclid(100) }
}
