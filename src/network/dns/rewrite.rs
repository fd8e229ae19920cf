//! CoreDNS's `rewrite` plugin in its common forms: a question for one name becomes that for another, and the answer is
//! turned back.

use super::message::{Answer, Question, RecordType};
use super::name;

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rewrite {
    /// True where the rules after it are tried as well once it has matched.
    continues: bool,
    change: Change,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Change {
    Name { part: Part, from: String, to: String, back: bool },
    Type { from: RecordType, to: RecordType },
}

/// Which part of a name is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Part {
    Exact,
    Prefix,
    Suffix,
    Substring,
}

impl Rewrite {
    /// Reads a rule from its line and from what stands in its braces; none for the forms that are not simulated.
    ///
    /// # Errors
    /// Where it is no rule.
    pub fn parse(arguments: &[String], body: &[(usize, Vec<String>)]) -> Result<Option<Self>, String> {
        let mut words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        words.extend(body.iter().flat_map(|(_, words)| words).map(String::as_str));
        let continues = words.first() == Some(&"continue");
        if matches!(words.first(), Some(&"continue" | &"stop")) {
            words.remove(0);
        }
        let change = match words[..] {
            ["type", from, to] => match (from.parse(), to.parse()) {
                (Ok(from), Ok(to)) => Change::Type { from, to },
                _ => return Err(format!("invalid type: {from} or {to}")),
            },
            ["name", "exact", from, to, ref more @ ..] => name_change(Part::Exact, from, to, more),
            ["name", "prefix", from, to, ref more @ ..] => name_change(Part::Prefix, from, to, more),
            ["name", "suffix", from, to, ref more @ ..] => name_change(Part::Suffix, from, to, more),
            ["name", "substring", from, to, ref more @ ..] => name_change(Part::Substring, from, to, more),
            ["name", from, to] => name_change(Part::Exact, from, to, &[]),
            ["name" | "type" | "class" | "edns0" | "ttl" | "cname" | "rcode", _, _, ..] => return Ok(None),
            [] | [_] | [_, _] => return Err("too few arguments for a rewrite rule".into()),
            [field, ..] => return Err(format!("invalid rule type \"{field}\"")),
        };
        let simulated = !matches!(words[..], [.., "answer", _, _, _]);
        Ok(simulated.then_some(Self { continues, change }))
    }

    /// Changes the question. Returns true where the rule matched.
    fn change(&self, question: &mut Question) -> bool {
        match &self.change {
            Change::Type { from, to } if question.kind == *from => question.kind = *to,
            Change::Name { part, from, to, .. } => match part.replaced(&question.name, from, to) {
                Some(name) => question.name = name,
                None => return false,
            },
            Change::Type { .. } => return false,
        }
        true
    }

    /// Turns an answer back to what was asked.
    fn turn_back(&self, answer: &mut Answer) {
        if let Change::Name { part, from, to, back: true } = &self.change {
            for record in &mut answer.answers {
                if let Some(name) = part.replaced(&record.name, to, from) {
                    record.name = name;
                }
            }
        }
    }
}

fn name_change(part: Part, from: &str, to: &str, more: &[&str]) -> Change {
    // A whole name is always turned back; a part of one where the rule asks for it.
    let back = part == Part::Exact || more == ["answer", "auto"];
    let whole = |text: &str| match part {
        Part::Exact | Part::Suffix => name::absolute(text).to_ascii_lowercase(),
        Part::Prefix | Part::Substring => text.to_ascii_lowercase(),
    };
    Change::Name { part, from: whole(from), to: whole(to), back }
}

impl Part {
    fn replaced(self, name: &str, from: &str, to: &str) -> Option<String> {
        let small = name.to_ascii_lowercase();
        match self {
            Part::Exact => (small == from).then(|| to.into()),
            Part::Prefix => small.strip_prefix(from).map(|rest| format!("{to}{rest}")),
            Part::Suffix => small.strip_suffix(from).map(|rest| format!("{rest}{to}")),
            Part::Substring => small.contains(from).then(|| small.replace(from, to)),
        }
    }
}

/// Changes a question as the rules say, has it answered, and turns the answer back.
pub(super) fn through(
    rules: &[Rewrite],
    question: &Question,
    ask: impl FnOnce(&Question) -> Answer,
) -> Answer {
    let mut changed = question.clone();
    let mut matched: Vec<&Rewrite> = Vec::new();
    for rule in rules {
        if rule.change(&mut changed) {
            matched.push(rule);
            if !rule.continues {
                break;
            }
        }
    }
    let mut answer = ask(&changed);
    for rule in matched.iter().rev() {
        rule.turn_back(&mut answer);
    }
    for record in &mut answer.answers {
        // What is the very name that was asked for is given back in its letters.
        if name::equal(&record.name, &question.name) {
            record.name.clone_from(&question.name);
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::dns::message::{Data, Rcode, Record};

    fn rule(text: &str) -> Option<Rewrite> {
        Rewrite::parse(&text.split(' ').map(str::to_string).collect::<Vec<_>>(), &[]).unwrap()
    }

    fn asked(rules: &[Rewrite], name: &str) -> (String, String) {
        let mut asked = String::new();
        let answer = through(rules, &Question::new(name, RecordType::A), |question| {
            asked.clone_from(&question.name);
            let record = Record::new(&question.name, 5, Data::A([10, 0, 0, 1].into()));
            Answer { answers: vec![record], ..Answer::empty(Rcode::NoError) }
        });
        (asked, answer.answers[0].name.clone())
    }

    #[test]
    fn names_go_there_and_back() {
        let rules = [rule("name Foo.example.com web.default.svc.cluster.local").unwrap()];
        let web = "web.default.svc.cluster.local.".to_string();
        assert_eq!(asked(&rules, "FOO.example.com"), (web.clone(), "FOO.example.com.".into()));
        assert_eq!(asked(&rules, "bar.example.com"), ("bar.example.com.".into(), "bar.example.com.".into()));
        let rules = [rule("stop name suffix .corp.example .default.svc.cluster.local answer auto").unwrap()];
        assert_eq!(asked(&rules, "web.corp.example"), (web.clone(), "web.corp.example.".into()));
        let rules = [rule("name substring corp.example default.svc.cluster.local").unwrap()];
        assert_eq!(asked(&rules, "web.corp.example"), (web.clone(), web));
    }

    #[test]
    fn rules_go_on_where_they_say_so() {
        let rules =
            [rule("continue name a.example b.example").unwrap(), rule("name b.example c.example").unwrap()];
        assert_eq!(asked(&rules, "a.example").0, "c.example.");
        assert_eq!(rule("name regex (.*)\\.x {1}.y"), None);
        assert!(Rewrite::parse(&["nmae".into(), "a".into(), "b".into()], &[]).is_err());
    }
}
