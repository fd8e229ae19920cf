//! How far a recommendation may be followed now: what was recommended before, policies, bounds (podautoscaler, horizontal.go,
//! `normalizeDesiredReplicas` and `normalizeDesiredReplicasWithBehaviors`).

use crate::apiserver::Scalings;
use crate::base::{SimTime, Value};

/// How long the highest recommendation counts before fewer replicas are run
/// (`--horizontal-pod-autoscaler-downscale-stabilization`), in seconds.
const DOWNSCALE_WINDOW: i64 = 300;

/// A reason and its message.
pub(super) type Because = (&'static str, &'static str);

/// What becomes of a recommendation.
pub(super) struct Paced {
    pub replicas: i64,
    /// Of the condition `AbleToScale`.
    pub able: Because,
    /// Of the condition `ScalingLimited`, and whether it is.
    pub limited: (bool, Because),
}

const STEADY: Because = ("ReadyForNewScale", "recommended size matches current size");
const HELD_UP: Because = (
    "ScaleDownStabilized",
    "recent recommendations were higher than current one, applying the highest recent recommendation",
);
const HELD_DOWN: Because = (
    "ScaleUpStabilized",
    "recent recommendations were lower than current one, applying the lowest recent recommendation",
);
const WITHIN: Because = ("DesiredWithinRange", "the desired count is within the acceptable range");
const TOO_FEW: Because =
    ("TooFewReplicas", "the desired replica count is less than the minimum replica count");
const TOO_MANY: Because =
    ("TooManyReplicas", "the desired replica count is more than the maximum replica count");
const TOO_FAST_UP: Because =
    ("ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate");
const TOO_FAST_DOWN: Because =
    ("ScaleDownLimit", "the desired replica count is decreasing faster than the maximum scale rate");

/// Paces a recommendation, which is remembered.
pub(super) fn pace(spec: &Value, current: i64, wanted: i64, past: &mut Scalings, now: SimTime) -> Paced {
    let behavior = spec.get("behavior");
    let bounds = (spec.get("minReplicas").as_int().unwrap_or(1), spec.get("maxReplicas").int());
    let window = |direction: &str, usual: i64| {
        behavior.at(&[direction, "stabilizationWindowSeconds"]).as_int().unwrap_or(usual)
    };
    let (up, down) = (window("scaleUp", 0), window("scaleDown", DOWNSCALE_WINDOW));
    let recent = |seconds: i64| {
        let recent = past.recommended.iter().filter(move |(at, _)| now.since(*at).as_secs() < seconds as u64);
        recent.map(|(_, replicas)| *replicas).chain([wanted])
    };
    let (least, most) = (recent(up).min().unwrap_or(wanted), recent(down).max().unwrap_or(wanted));
    let held = if behavior.is_null() { most } else { current.max(least).min(most) };
    past.recommended.retain(|(at, _)| now.since(*at).as_secs() < up.max(down) as u64);
    past.recommended.push((now, wanted));
    let able = match held {
        _ if held == wanted => STEADY,
        _ if behavior.is_null() || held < current => HELD_UP,
        _ => HELD_DOWN,
    };
    let (replicas, why) = match behavior.is_null() {
        true => within(current, held, bounds),
        false => by_policies(behavior, current, held, bounds, past, now),
    };
    Paced { replicas, able, limited: (replicas != held, why) }
}

/// `convertDesiredReplicasWithRules`
fn within(current: i64, wanted: i64, (least, most): (i64, i64)) -> (i64, Because) {
    let fastest = (2 * current).max(4);
    let (most, why) = if most > fastest { (fastest, TOO_FAST_UP) } else { (most, TOO_MANY) };
    match wanted {
        _ if wanted < least => (least, TOO_FEW),
        _ if wanted > most => (most, why),
        _ => (wanted, WITHIN),
    }
}

/// `convertDesiredReplicasWithBehaviorRate`
fn by_policies(
    behavior: &Value,
    current: i64,
    wanted: i64,
    (least, most): (i64, i64),
    past: &Scalings,
    now: SimTime,
) -> (i64, Because) {
    let limit = |direction: &str, sign: i64| {
        let rules = behavior.get(direction);
        let start = |seconds: i64| {
            let recent = past.changed.iter().filter(|(at, _)| now.since(*at).as_secs() < seconds as u64);
            current - recent.map(|(_, change)| change).sum::<i64>()
        };
        let reach = rules.get("policies").items().iter().map(|policy| {
            let (start, value) = (start(policy.get("periodSeconds").int()), policy.get("value").int());
            match (policy.get("type").str(), sign) {
                ("Pods", _) => start + sign * value,
                (_, 1) => (start as f64 * (1.0 + value as f64 / 100.0)).ceil() as i64,
                _ => (start as f64 * (1.0 - value as f64 / 100.0)) as i64,
            }
        });
        let reach: Vec<i64> = reach.map(|replicas| sign * replicas).collect();
        match rules.get("selectPolicy").str() {
            "Disabled" => Some(current),
            "Min" => reach.into_iter().min().map(|replicas| sign * replicas),
            _ => reach.into_iter().max().map(|replicas| sign * replicas),
        }
    };
    if wanted > current {
        let fastest = limit("scaleUp", 1).unwrap_or(most).max(current);
        let (most, why) = if most > fastest { (fastest, TOO_FAST_UP) } else { (most, TOO_MANY) };
        if wanted > most {
            return (most, why);
        }
    } else if wanted < current {
        let fastest = limit("scaleDown", -1).unwrap_or(least).min(current);
        let (least, why) = if least < fastest { (fastest, TOO_FAST_DOWN) } else { (least, TOO_FEW) };
        if wanted < least {
            return (least, why);
        }
    }
    (wanted, WITHIN)
}
