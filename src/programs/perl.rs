//! `perl -e`, of which Saya does what Kubernetes' page about Jobs asks: it prints words, numbers and π.

use crate::base::SimTime;
use crate::container::kernel::Kernel;
use crate::container::program::{Step, Wait};

/// A running perl.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Perl {
    /// What is printed, and when it was reckoned.
    result: Option<(String, SimTime)>,
}

impl Perl {
    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if let Some((text, at)) = &self.result {
            if kernel.now() < *at {
                return Wait::until(*at).into();
            }
            kernel.print(text.clone());
            return Step::Exit(0);
        }
        let argv = kernel.argv();
        if argv.iter().any(|word| &**word == "-v") {
            let version = kernel.variable("PERL_VERSION").unwrap_or_default();
            kernel.print(format!("\nThis is perl 5 (v{version}) built for x86_64-linux-gnu\n"));
            return Step::Exit(0);
        }
        let mut words = argv.iter().skip(1);
        let script =
            words.find(|word| word.starts_with('-') && !word.starts_with("-M") && word.ends_with('e'));
        let newline = script.is_some_and(|options| options.contains('l'));
        let code = script.and_then(|_| words.next()).map(|code| code.trim().trim_end_matches(';'));
        let Some((text, digits)) = code.and_then(printed) else {
            kernel.complain("perl: Saya does not simulate this language.\n");
            return Step::Exit(2);
        };
        let end = if newline { "\n" } else { "" };
        // A machine of today reckons 2,000 digits in some four seconds.
        let at = SimTime(kernel.now().0 + (digits * digits) as u64);
        self.result = Some((text + end, at));
        Step::Yield
    }
}

/// What `print EXPRESSION` prints, and how many digits of π that took.
fn printed(code: &str) -> Option<(String, usize)> {
    let said = code.strip_prefix("print")?.trim().trim_matches(|c| c == '(' || c == ' ');
    let quoted = |mark: char| said.strip_prefix(mark)?.strip_suffix(mark).filter(|text| !text.contains(mark));
    if let Some(text) = quoted('\'') {
        return Some((text.to_owned(), 0));
    }
    if let Some(text) = quoted('"').filter(|text| !text.contains(['$', '@'])) {
        return Some((text.replace("\\n", "\n").replace("\\t", "\t"), 0));
    }
    if said.parse::<u64>().is_ok() {
        return Some((said.to_owned(), 0));
    }
    let digits: usize = said.strip_prefix("bpi(")?.trim_end_matches(')').trim().parse().ok()?;
    (1..=10_000).contains(&digits).then(|| (pi(digits), digits))
}

/// π with this many digits, the last of them rounded: Machin's formula in numbers of nine digits a word.
fn pi(digits: usize) -> String {
    const WORD: u64 = 1_000_000_000;
    let words = digits / 9 + 3;
    let divide = |number: &mut [u64], by: u64| {
        let mut rest = 0;
        for word in number.iter_mut() {
            let whole = rest * WORD + *word;
            (*word, rest) = (whole / by, whole % by);
        }
    };
    let mut sum = vec![0_i64; words];
    for (times, of) in [(16, 5), (-4, 239)] {
        let mut power = vec![0; words];
        power[0] = 1;
        divide(&mut power, of);
        for at in 0.. {
            let mut term = power.clone();
            divide(&mut term, 2 * at + 1);
            if term.iter().all(|word| *word == 0) {
                break;
            }
            let sign = if at % 2 == 0 { times } else { -times };
            for (own, word) in sum.iter_mut().zip(&term) {
                *own += sign * *word as i64;
            }
            divide(&mut power, of * of);
        }
    }
    let mut carry = 0;
    for word in sum.iter_mut().rev() {
        let whole = *word + carry;
        (*word, carry) = (whole.rem_euclid(WORD as i64), whole.div_euclid(WORD as i64));
    }
    let decimals: String = sum[1..].iter().map(|word| format!("{word:09}")).collect();
    let mut text: Vec<u8> = format!("{}{decimals}", sum[0]).into_bytes();
    let up = text[digits] >= b'5';
    text.truncate(digits);
    let mut at = digits;
    while up && at > 0 {
        at -= 1;
        if text[at] < b'9' {
            text[at] += 1;
            break;
        }
        text[at] = b'0';
    }
    let text = String::from_utf8(text).expect("these are digits");
    if digits == 1 { text } else { format!("{}.{}", &text[..1], &text[1..]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pi_is_rounded() {
        let cases = [
            (1, "3"),
            (2, "3.1"),
            (4, "3.142"),
            (5, "3.1416"),
            (20, "3.1415926535897932385"),
            // The six nines begin at the 762nd decimal.
            (764, "13500"),
        ];
        for (digits, end) in cases {
            assert!(pi(digits).ends_with(end), "{digits}: {}", pi(digits));
        }
        assert_eq!(pi(2000).len(), 2001);
        assert!(pi(2000).ends_with("904780275901"));
    }
}
