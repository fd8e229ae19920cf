//! `perl`: of the language, `print` of texts, numbers and what `bignum` knows of π, as Kubernetes' own example of a Job
//! has it. Every other program it says that it does not run.

use std::time::Duration;

use crate::base::SimTime;
use crate::container::kernel::Kernel;
use crate::container::program::{Step, Wait};

/// A running perl.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Perl {
    /// What it prints, and when it has it.
    result: Option<(String, SimTime)>,
    stays: bool,
}

/// The switches of a command line that it understands.
#[derive(Default)]
struct Switches {
    lines: bool,
    modules: Vec<String>,
    code: Option<String>,
    version: bool,
}

impl Switches {
    fn read(words: &[&str]) -> Option<Self> {
        let mut switches = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut letters = word.strip_prefix('-')?;
            while let Some(letter) = letters.chars().next() {
                letters = &letters[1..];
                match letter {
                    'w' | 'W' => {}
                    'l' => switches.lines = true,
                    'v' => switches.version = true,
                    'M' => switches.modules.push(std::mem::take(&mut letters).to_owned()),
                    'e' | 'E' if letters.is_empty() => switches.code = Some((*words.next()?).to_owned()),
                    _ => return None,
                }
            }
        }
        Some(switches)
    }
}

/// The places that a result has, and what it prints.
struct Printed {
    places: u32,
    text: String,
}

/// What separates statements, or the values of one, outside of quotes.
fn parts(code: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quote = None;
    let apart = code.split(move |c| match quote {
        None if c == separator => true,
        None => {
            quote = Some(c).filter(|c| matches!(c, '"' | '\''));
            false
        }
        Some(own) => {
            quote = quote.filter(|_| c != own);
            false
        }
    });
    apart.map(str::trim).filter(|part| !part.is_empty())
}

impl Switches {
    /// What a program of `print`s prints; none if it holds anything else.
    fn run(&self, code: &str) -> Option<Printed> {
        let mut printed = Printed { places: 0, text: String::new() };
        for statement in parts(code, ';') {
            let list =
                statement.strip_prefix("print").filter(|rest| !rest.starts_with(char::is_alphanumeric))?;
            for value in parts(list, ',') {
                self.value(value, &mut printed)?;
            }
            if self.lines {
                printed.text.push('\n');
            }
        }
        Some(printed)
    }

    fn value(&self, value: &str, printed: &mut Printed) -> Option<()> {
        let between = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
        if let Some(text) = between('"').filter(|text| !text.contains(['$', '@', '"'])) {
            printed.text += &text.replace("\\n", "\n").replace("\\t", "\t");
        } else if let Some(text) = between('\'').filter(|text| !text.contains(['\'', '\\'])) {
            printed.text += text;
        } else if value.chars().all(|c| c.is_ascii_digit()) {
            printed.text += value;
        } else {
            let places = value.strip_prefix("bpi(")?.strip_suffix(')')?.trim().parse().ok()?;
            let has = |module: &String| matches!(&**module, "bignum=bpi" | "bignum=PI,bpi" | "bigfloat=bpi");
            if !self.modules.iter().any(has) || !(1..=MOST).contains(&places) {
                return None;
            }
            printed.places = printed.places.max(places);
            printed.text += &pi(places);
        }
        Some(())
    }
}

/// How many places it reckons at most: the time that it takes grows with their square.
const MOST: u32 = 10_000;

/// π, rounded to so many places.
fn pi(places: u32) -> String {
    const BASE: u64 = 1_000_000_000;
    // Limbs of nine digits after the first, the last two of which are not exact.
    let limbs = places as usize / 9 + 4;
    // Adds (or takes away) factor × arctan(1/of), by Machin's formula.
    let mut sum = vec![0_i64; limbs];
    let mut add = |factor: u64, of: u64, sign: i64| {
        let divide = |number: &mut [u64], by: u64| {
            number.iter_mut().fold(0, |rest, limb| {
                let whole = rest * BASE + *limb;
                *limb = whole / by;
                whole % by
            });
        };
        let mut term = vec![0; limbs];
        term[0] = factor * of;
        let (mut sign, mut odd) = (sign, 1);
        loop {
            divide(&mut term, of * of);
            if term.iter().all(|limb| *limb == 0) {
                break;
            }
            let mut part = term.clone();
            divide(&mut part, odd);
            for (total, limb) in sum.iter_mut().zip(part) {
                *total += sign * limb as i64;
            }
            (sign, odd) = (-sign, odd + 2);
        }
    };
    add(16, 5, 1);
    add(4, 239, -1);
    let mut carry = 0;
    for limb in sum.iter_mut().rev() {
        let whole = *limb + carry;
        carry = whole.div_euclid(BASE as i64);
        *limb = whole.rem_euclid(BASE as i64);
    }
    let mut digits: Vec<u8> = b"3".to_vec();
    for limb in &sum[1..] {
        digits.extend(format!("{limb:09}").bytes());
    }
    let places = places as usize;
    let up = digits[places] >= b'5';
    digits.truncate(places);
    if up {
        let nines = digits.iter().rev().take_while(|digit| **digit == b'9').count();
        digits[places - nines..].fill(b'0');
        digits[places - nines - 1] += 1;
    }
    let digits = String::from_utf8(digits).unwrap_or_default();
    if places == 1 { digits } else { format!("{}.{}", &digits[..1], &digits[1..]) }
}

impl Perl {
    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if self.stays {
            return Wait::forever().into();
        }
        if let Some((text, at)) = &self.result {
            if kernel.now() < *at {
                return Wait::until(*at).into();
            }
            kernel.print(text.clone());
            return Step::Exit(0);
        }
        let argv = kernel.argv();
        let words: Vec<&str> = argv.iter().skip(1).map(|word| &**word).collect();
        let switches = Switches::read(&words);
        if switches.as_ref().is_some_and(|switches| switches.version) {
            let version = kernel.variable("PERL_VERSION").unwrap_or_default();
            kernel.print(format!(
                "\nThis is perl 5, version {}, subversion {} (v{version}) built for x86_64-linux-gnu\n",
                version.split('.').nth(1).unwrap_or_default(),
                version.split('.').nth(2).unwrap_or_default(),
            ));
            return Step::Exit(0);
        }
        if words.is_empty() && !kernel.is_terminal(0) {
            return Step::Exit(0);
        }
        if let Some(Printed { places, text }) =
            switches.and_then(|switches| switches.run(switches.code.as_deref()?))
        {
            let work = Duration::from_micros(u64::from(places).pow(2) + 30_000);
            self.result = Some((text, kernel.now() + work));
            return Step::Yield;
        }
        kernel.complain("(perl: Saya does not run programs of this language.)\n");
        if kernel.pid() != crate::container::machine::Pid(1) {
            return Step::Exit(1);
        }
        self.stays = true;
        Wait::forever().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pi_is_rounded() {
        for (places, text) in [
            (1, "3"),
            (3, "3.14"),
            (5, "3.1416"),
            (30, "3.14159265358979323846264338328"),
            (50, "3.1415926535897932384626433832795028841971693993751"),
        ] {
            assert_eq!(pi(places), text);
        }
        // Six nines come at the 762nd place behind the point.
        assert!(pi(768).ends_with("0721135000000"), "{}", pi(768));
        assert_eq!(pi(2_000).len(), 2_001);
        assert!(pi(2_000).ends_with("958133904780275901"), "{}", pi(2_000));
    }
}
