//! `kubectl events`

use crate::api::{Kind, Object};
use crate::base::Date;
use crate::base::table::Table;
use crate::resources::printing::since;

use super::command::Command;
use super::discovery;
use super::error::{Result, bail};
use super::flags::PRINT;
use super::printer;
use super::running::Running;
use super::session::{DONE, Flow, Session, Wake};

pub(super) const COMMAND: Command = Command {
    name: "events",
    usage: "[(-o|--output=)json|yaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file] [--for TYPE/NAME] [--watch] [--types=Normal,Warning]",
    short: "List events",
    flags: &[PRINT, "all-namespaces,A:bool chunk-size:int=500 for no-headers:bool types:list watch,w:bool"],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let flags = session.flags;
    if !session.args().is_empty() {
        return Err(session.usage(format!("unexpected arguments: [{}]", session.args().join(" "))));
    }
    let filter = Filter::of(session)?;
    let mut events = session.list(Kind::Event, &filter.namespace, "", "")?;
    events.retain(|event| filter.lets(event));
    events.sort_by_key(last_seen);
    if let Some(output) = printer::output(session, false)? {
        output.print(session.io, &printer::list(&events), true, false)?;
        return DONE;
    }
    if events.is_empty() && !flags.is("watch") {
        if filter.namespace.is_empty() {
            session.note("No events found.");
        } else {
            session.note(format!("No events found in {} namespace.", filter.namespace));
        }
        return DONE;
    }
    let mut watching =
        Watching { filter, revision: session.api.store().revision(), widths: Vec::new(), headed: false };
    watching.print(session, &events);
    match flags.is("watch") {
        true => Ok(Flow::Running(Running::Events(watching), Wake::ON_CHANGE)),
        false => DONE,
    }
}

/// Which Events are told of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Filter {
    /// Empty for all.
    namespace: String,
    about: Option<(Kind, String)>,
    types: Vec<String>,
}

impl Filter {
    fn of(session: &Session<'_>) -> Result<Self> {
        let flags = session.flags;
        let about = match flags.text("for") {
            "" => None,
            text => {
                let Some((word, name)) = text.split_once('/').filter(|(_, name)| !name.is_empty()) else {
                    bail!("--for must be in resource/name form");
                };
                Some((discovery::kind(session.api, word)?, name.to_string()))
            }
        };
        for kind in flags.list("types") {
            if !matches!(kind.to_lowercase().as_str(), "normal" | "warning") {
                bail!("valid --types are Normal or Warning");
            }
        }
        let namespace = if flags.is("all-namespaces") { String::new() } else { session.namespace.clone() };
        Ok(Self { namespace, about, types: flags.list("types").to_vec() })
    }

    fn lets(&self, event: &Object) -> bool {
        let involved = event.get("involvedObject");
        (self.namespace.is_empty() || event.namespace() == self.namespace)
            && self.about.as_ref().is_none_or(|(kind, name)| {
                involved.get("kind").str() == kind.names().kind && involved.get("name").str() == name
            })
            && (self.types.is_empty()
                || self.types.iter().any(|kind| kind.eq_ignore_ascii_case(event.get("type").str())))
    }
}

fn last_seen(event: &Object) -> Option<Date> {
    Date::parse_rfc3339(crate::resources::event::last_seen(event).str())
}

/// `events -w` under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Watching {
    filter: Filter,
    revision: u64,
    widths: Vec<usize>,
    headed: bool,
}

impl Watching {
    /// Prints what is new.
    pub fn step(mut self, session: &mut Session<'_>) -> Flow {
        let store = session.api.store();
        let changes = store.changes_since(self.revision).filter(|change| {
            change.object.kind == Kind::Event
                && change.kind != crate::apiserver::ChangeKind::Deleted
                && self.filter.lets(&change.object)
        });
        let events: Vec<Object> = changes.map(|change| change.object.clone()).collect();
        self.revision = store.revision();
        self.print(session, &events);
        Flow::Running(Running::Events(self), Wake::ON_CHANGE)
    }

    fn print(&mut self, session: &mut Session<'_>, events: &[Object]) {
        if events.is_empty() {
            return;
        }
        let namespaces = self.filter.namespace.is_empty();
        let mut table = Table::new();
        table.remembered = std::mem::take(&mut self.widths);
        if !std::mem::replace(&mut self.headed, true) && !session.flags.is("no-headers") {
            let headings = ["NAMESPACE", "LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"];
            table.push(headings.into_iter().skip(usize::from(!namespaces)));
        }
        let now = session.date();
        for event in events {
            let involved = event.get("involvedObject");
            let row = [
                event.namespace().to_string(),
                age(event, now),
                event.get("type").str().into(),
                event.get("reason").str().into(),
                format!("{}/{}", involved.get("kind").str(), involved.get("name").str()),
                event.get("message").str().trim().into(),
            ];
            table.push(row.into_iter().skip(usize::from(!namespaces)));
        }
        self.widths = table.widths();
        let text = table.text();
        session.io.out(&text);
    }
}

/// How long ago an Event was told, how often, and since when.
pub(super) fn age(event: &Object, now: Date) -> String {
    let first = match event.get("eventTime") {
        time if time.is_null() => since(event.get("firstTimestamp"), now),
        time => since(time, now),
    };
    let series = event.get("series");
    let (count, last) = match series.is_null() {
        true => (event.get("count"), event.get("lastTimestamp")),
        false => (series.get("count"), series.get("lastObservedTime")),
    };
    match count.int() {
        count if count > 1 || !series.is_null() => format!("{} (x{count} over {first})", since(last, now)),
        _ => first,
    }
}
