//! `kubectl get`

use crate::api::{Kind, Object};
use crate::apiserver::field_selector::{self, FieldSelector};
use crate::apiserver::rbac::User;
use crate::apiserver::{ApiServer, ChangeKind, label_selector, subresource, wire};
use crate::base::Value;
use crate::base::jsonpath::{JsonPath, relaxed};
use crate::base::table::Table;
use crate::resources;
use crate::value;

use super::builder::{Builder, Found, Info, Visit};
use super::command::Command;
use super::component_statuses;
use super::error::{Error, Result, bail};
use super::flags::{FILES, PRINT};
use super::printer::{self, Output};
use super::running::Running;
use super::session::{DONE, Flow, Session, Wake};
use super::subresource::scales;

pub(super) const COMMAND: Command = Command {
    name: "get",
    usage: "[(-o|--output=)json|yaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file|custom-columns|custom-columns-file|wide] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags]",
    suggested_by: &["list", "ps"],
    short: "Display one or many resources",
    flags: &[
        FILES,
        PRINT,
        "all-namespaces,A:bool chunk-size:int=500 field-selector ignore-not-found:bool label-columns,L:list \
         no-headers:bool output-watch-events:bool raw selector,l server-print:bool=true show-kind:bool \
         show-labels:bool sort-by subresource watch,w:bool watch-only:bool",
    ],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    if session.flags.given("raw") {
        return raw(session);
    }
    check(session)?;
    if component_statuses::are_asked_for(session) {
        return component_statuses::get(session);
    }
    let watch = session.flags.is("watch") || session.flags.is("watch-only");
    let builder = Builder::new(session)
        .all_namespaces(session.flags.is("all-namespaces"))
        .files(session)
        .labels(session.flags.text("selector"))
        .fields(session.flags.text("field-selector"));
    if watch {
        return start_watch(session, builder);
    }
    let output = printer::output(session, true)?;
    let found = find(session, builder)?;
    let subresource = session.flags.text("subresource");
    if !subresource.is_empty() {
        return print_subresource(session, found, subresource, output);
    }
    match output {
        None => print_tables(session, found),
        Some(output) => print_whole(session, found, &output),
    }
}

fn check(session: &mut Session<'_>) -> Result<()> {
    let flags = session.flags;
    let watch = flags.is("watch") || flags.is("watch-only");
    let form = flags.text("output");
    if flags.is("show-labels") && !matches!(form, "" | "wide") {
        bail!("--show-labels option cannot be used with {form} printer");
    }
    if flags.is("output-watch-events") && !watch {
        bail!("--output-watch-events option can only be used with --watch or --watch-only");
    }
    if session.args().is_empty() && flags.list("filename").is_empty() && flags.text("kustomize").is_empty() {
        session.note(
            "You must specify the type of resource to get. Use \"kubectl api-resources\" for a complete list of supported resources.\n",
        );
        return Err(session.usage(
            "Required resource not specified.\nUse \"kubectl explain <resource>\" for a detailed description of that resource (e.g. kubectl explain pods).",
        ));
    }
    Ok(())
}

fn find(session: &mut Session<'_>, builder: Builder) -> Result<Found> {
    let args = session.args().to_vec();
    let mut builder = builder.args(&args, true);
    if !session.flags.list("filename").is_empty() {
        builder = builder.without_reading();
    }
    let mut found = builder.find(session)?;
    // What files name is read from the server.
    for visit in &mut found.visits {
        if let Visit::One(info) = visit
            && !info.source.is_empty()
        {
            match session.read(info.kind, &info.namespace, &info.name) {
                Ok(object) => info.object = Some(object),
                Err(error) => {
                    info.object = None;
                    found.errors.push(error);
                }
            }
        }
    }
    found.visits.retain(|visit| !matches!(visit, Visit::One(Info { object: None, .. })));
    if session.flags.is("ignore-not-found") {
        found.errors.retain(|error| !error.is_not_found());
    }
    warn_of_deprecated(session, &found);
    Ok(found)
}

/// What the server says of kinds that it would rather not have.
fn warn_of_deprecated(session: &mut Session<'_>, found: &Found) {
    let endpoints = found.visits.iter().any(|visit| match visit {
        Visit::One(info) => info.kind == Kind::Endpoints,
        Visit::List { kind, .. } => *kind == Kind::Endpoints,
    });
    if endpoints {
        session.note("Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice");
    }
}

/// How tables look by the flags.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Look {
    wide: bool,
    namespace: bool,
    kind: bool,
    labels: Vec<String>,
    all_labels: bool,
    headings: bool,
    /// A column of its own before all others: the event of a watch.
    event: bool,
    /// The server does not print: kubectl knows only names and ages.
    plain: bool,
}

impl Look {
    fn of(session: &Session<'_>) -> Self {
        let flags = session.flags;
        Self {
            wide: flags.text("output") == "wide",
            namespace: flags.is("all-namespaces"),
            kind: flags.is("show-kind"),
            labels: flags.list("label-columns").to_vec(),
            all_labels: flags.is("show-labels"),
            headings: !flags.is("no-headers"),
            event: false,
            plain: !flags.is("server-print"),
        }
    }

    fn shows(&self, column: &resources::Column<'_>) -> bool {
        (self.wide || !column.wide) && (!self.plain || matches!(column.name, "NAME" | "AGE"))
    }

    fn headings(&self, api: &ApiServer, kind: Kind) -> Vec<String> {
        let mut row: Vec<String> = Vec::new();
        if self.event {
            row.push("EVENT".into());
        }
        if self.namespace && kind.names().namespaced {
            row.push("NAMESPACE".into());
        }
        let columns = api.columns(kind);
        let columns = columns.iter().filter(|column| self.shows(column));
        row.extend(columns.map(|column| column.name.to_uppercase()));
        row.extend(self.labels.iter().map(|label| label.rsplit('/').next().unwrap_or(label).to_uppercase()));
        if self.all_labels {
            row.push("LABELS".into());
        }
        row
    }

    fn row(&self, api: &ApiServer, object: &Object) -> Vec<String> {
        let kind = object.kind;
        let mut row = Vec::new();
        if self.namespace && kind.names().namespaced {
            row.push(object.namespace().to_string());
        }
        let cells = api.row(object);
        let columns = api.columns(kind);
        for (column, cell) in columns.iter().zip(cells).filter(|(column, _)| self.shows(column)) {
            let named = self.kind && column.name == "NAME";
            row.push(if named { format!("{}/{cell}", kind.printed()) } else { cell });
        }
        for label in &self.labels {
            row.push(object.labels().get(label).str().to_string());
        }
        if self.all_labels {
            let labels: Vec<String> =
                object.labels().entries().map(|(key, value)| format!("{key}={}", value.str())).collect();
            row.push(if labels.is_empty() { "<none>".into() } else { labels.join(",") });
        }
        row
    }
}

fn kind_of(visit: &Visit) -> Kind {
    match visit {
        Visit::One(info) => info.kind,
        Visit::List { kind, .. } => *kind,
    }
}

fn print_tables(session: &mut Session<'_>, found: Found) -> Result<Flow> {
    let mut look = Look::of(session);
    let first = found.visits.first().map(kind_of);
    look.kind |= found.visits.iter().any(|visit| Some(kind_of(visit)) != first);
    let all_namespaced = !look.namespace
        && !found.cluster_wide
        && found.visits.iter().all(|visit| kind_of(visit).names().namespaced);
    let mut groups: Vec<(Kind, Vec<Object>)> = Vec::new();
    for visit in found.visits {
        let kind = kind_of(&visit);
        if groups.last().is_none_or(|(last, _)| *last != kind) {
            groups.push((kind, Vec::new()));
        }
        let Some((_, objects)) = groups.last_mut() else { continue };
        match visit {
            Visit::One(info) => objects.extend(info.object),
            Visit::List { objects: more, .. } => objects.extend(more),
        }
    }
    if let Some(path) = sort_path(session)? {
        for (_, objects) in &mut groups {
            sort(objects, &path)?;
        }
    }
    let mut printed = false;
    for (kind, objects) in groups.iter().filter(|(_, objects)| !objects.is_empty()) {
        if printed && look.headings {
            session.line("");
        }
        let mut table = Table::new();
        if look.headings {
            table.push(look.headings(session.api, *kind));
        }
        for object in objects {
            table.push(look.row(session.api, object));
        }
        session.io.out(&table.text());
        printed = true;
    }
    if !printed && found.errors.is_empty() && !session.flags.is("ignore-not-found") {
        if all_namespaced {
            session.note(format!("No resources found in {} namespace.", session.namespace));
        } else {
            session.note("No resources found");
        }
    }
    Error::all(found.errors).and(DONE)
}

fn print_subresource(
    session: &mut Session<'_>,
    mut found: Found,
    name: &str,
    output: Option<Output>,
) -> Result<Flow> {
    if found.visits.iter().any(|visit| matches!(visit, Visit::List { .. })) {
        bail!("subresource cannot be used when bulk resources are specified");
    }
    let mut parts = Vec::new();
    for visit in &found.visits {
        if let Visit::One(Info { object: Some(object), .. }) = visit {
            match subresource::of(session.api, object, name) {
                Ok(part) => parts.push(part),
                Err(status) => found.errors.push(status.into()),
            }
        }
    }
    if name != "scale" || parts.is_empty() {
        return match output {
            _ if parts.is_empty() => Error::all(found.errors).and(DONE),
            None => print_tables(session, found),
            Some(output) => print_whole(session, found, &output),
        };
    }
    let headings = !session.flags.is("no-headers");
    match output {
        None => {
            let table = scales(&parts, headings, session.date());
            session.io.out(&table.text());
        }
        Some(output) if found.single => output.print(session.io, &parts[0], true, !headings)?,
        Some(output) => {
            let mut list = printer::list(&[]);
            list.set("items", parts);
            output.print(session.io, &list, true, !headings)?;
        }
    }
    Error::all(found.errors).and(DONE)
}

fn print_whole(session: &mut Session<'_>, found: Found, output: &Output) -> Result<Flow> {
    let single = found.single;
    let (infos, errors) = found.infos();
    if single && !errors.is_empty() {
        return Err(Error::all(errors).err().unwrap_or(Error::Exit(1)));
    }
    if infos.is_empty() && session.flags.is("ignore-not-found") {
        return Error::all(errors).and(DONE);
    }
    let mut objects: Vec<Object> = infos.into_iter().filter_map(|info| info.object).collect();
    if let Some(path) = sort_path(session)? {
        sort(&mut objects, &path)?;
    }
    if session.flags.is("show-managed-fields") {
        for object in &mut objects {
            let managed = session.api.managed_fields(&object.key());
            if !managed.is_null() {
                object.set_at(&["metadata", "managedFields"], managed);
            }
        }
    }
    let value = match (&objects[..], single) {
        ([object], true) => object.body.clone(),
        _ => printer::list(&objects),
    };
    output.print(session.io, &value, true, session.flags.is("no-headers"))?;
    Error::all(errors).and(DONE)
}

fn sort_path(session: &Session<'_>) -> Result<Option<JsonPath>> {
    match session.flags.text("sort-by") {
        "" => Ok(None),
        text => {
            let path = relaxed(text).map_err(Error::Plain)?;
            JsonPath::parse(&path).map(Some).map_err(Error::Plain)
        }
    }
}

/// Sorts by what the path finds; what has no such field comes first.
fn sort(objects: &mut Vec<Object>, path: &JsonPath) -> Result<()> {
    let mut keyed: Vec<(Option<Value>, Object)> = Vec::new();
    let mut any = objects.is_empty();
    for object in objects.drain(..) {
        let found = path.find(&object.body).map_err(Error::Plain)?.concat();
        any |= !found.is_empty();
        keyed.push((found.into_iter().next(), object));
    }
    if !any {
        bail!("couldn't find any field with path \"{}\" in the list of objects", path.source());
    }
    keyed.sort_by(|(a, _), (b, _)| order(a.as_ref(), b.as_ref()));
    objects.extend(keyed.into_iter().map(|(_, object)| object));
    Ok(())
}

fn order(a: Option<&Value>, b: Option<&Value>) -> std::cmp::Ordering {
    match (a, b) {
        // A field that is there and null, as the times of Events, stands before all others.
        (Some(a), Some(b)) if a.is_null() || b.is_null() => b.is_null().cmp(&a.is_null()),
        (Some(Value::Int(a)), Some(Value::Int(b))) => a.cmp(b),
        (Some(Value::Float(a)), Some(Value::Float(b))) => a.0.total_cmp(&b.0),
        (Some(Value::Str(a)), Some(Value::Str(b))) => natural(a, b),
        (Some(_), None) => std::cmp::Ordering::Greater,
        (None, Some(_)) => std::cmp::Ordering::Less,
        _ => std::cmp::Ordering::Equal,
    }
}

/// Texts with numbers in them in the order of the numbers: `web-2` before `web-10`.
fn natural(a: &str, b: &str) -> std::cmp::Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    loop {
        let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (in_a, in_b) = (digits(a), digits(b));
        if in_a > 0 && in_b > 0 {
            let number = |text: &[u8]| String::from_utf8_lossy(text).parse::<u64>().unwrap_or(u64::MAX);
            let order = number(&a[..in_a]).cmp(&number(&b[..in_b]));
            if order.is_ne() {
                return order;
            }
            (a, b) = (&a[in_a..], &b[in_b..]);
            continue;
        }
        match (a.split_first(), b.split_first()) {
            (Some((x, rest_a)), Some((y, rest_b))) if x == y => (a, b) = (rest_a, rest_b),
            (x, y) => return x.map(|(x, _)| x).cmp(&y.map(|(y, _)| y)),
        }
    }
}

/// `get --raw`.
fn raw(session: &mut Session<'_>) -> Result<Flow> {
    let path = session.flags.text("raw").to_string();
    let user = session.user.clone().unwrap_or_else(User::administrator);
    match session.api.read_path(&user, &path) {
        Ok(value) => match value.as_str() {
            Some(word) => session.io.out(word),
            None => session.io.out(&wire::to_string(&value, path.starts_with("/version"))),
        },
        Err(status) => return Err(Error::Status { status, during: String::new() }),
    }
    DONE
}

/// `get -w` under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Watch {
    kind: Kind,
    namespace: String,
    name: Option<String>,
    labels: crate::api::Selector,
    fields: FieldSelector,
    /// What was seen up to here.
    revision: u64,
    look: Look,
    output: Option<Output>,
    /// The columns' widths so far.
    widths: Vec<usize>,
    printed: bool,
}

fn start_watch(session: &mut Session<'_>, builder: Builder) -> Result<Flow> {
    let output = printer::output(session, true)?;
    let found = find(session, builder.single_type())?;
    Error::all(found.errors.clone())?;
    let Some(first) = found.visits.first() else { bail!("no resources found") };
    let kind = kind_of(first);
    if found.visits.iter().any(|visit| kind_of(visit) != kind) {
        bail!(
            "watch is only supported on individual resources and resource collections - more than 1 resource was found"
        );
    }
    if found.visits.len() > 1 {
        bail!(
            "watch is only supported on individual resources and resource collections - {} resources were found",
            found.visits.len()
        );
    }
    let mut look = Look::of(session);
    look.event = session.flags.is("output-watch-events");
    let (labels, fields) = (session.flags.text("selector"), session.flags.text("field-selector"));
    let mut watch = Watch {
        kind,
        namespace: if look.namespace { String::new() } else { session.namespace.clone() },
        name: match first {
            Visit::One(info) => Some(info.name.clone()),
            Visit::List { .. } => None,
        },
        labels: label_selector::parse(labels).map_err(Error::Plain)?,
        fields: field_selector::parse(session.api, kind, fields).map_err(Error::Plain)?,
        revision: session.api.store().revision(),
        look,
        output,
        widths: Vec::new(),
        printed: false,
    };
    if let Visit::One(Info { namespace, .. }) = first {
        watch.namespace.clone_from(namespace);
    }
    let (infos, _) = found.infos();
    let mut objects: Vec<Object> = infos.into_iter().filter_map(|info| info.object).collect();
    if let Some(path) = sort_path(session)? {
        sort(&mut objects, &path)?;
    }
    if !session.flags.is("watch-only") {
        let events: Vec<_> = objects.into_iter().map(|object| (ChangeKind::Added, object)).collect();
        watch.print(session, &events)?;
    }
    Ok(Flow::Running(Running::Watch(watch), Wake::ON_CHANGE))
}

impl Watch {
    /// Prints what has changed.
    ///
    /// # Errors
    /// What a template finds wrong.
    pub fn step(mut self, session: &mut Session<'_>) -> Result<Flow> {
        let store = session.api.store();
        let mut events = Vec::new();
        for change in store.changes_since(self.revision) {
            let object = &change.object;
            if object.kind != self.kind
                || (!self.namespace.is_empty()
                    && object.namespace() != self.namespace
                    && self.kind.names().namespaced)
                || self.name.as_ref().is_some_and(|name| name != object.name())
            {
                continue;
            }
            let selected =
                |object: &Object| self.labels.matches(object.labels()) && self.fields.matches(object);
            let (now, before) = (
                change.kind != ChangeKind::Deleted && selected(object),
                change.old.as_ref().is_some_and(selected),
            );
            match (before, now) {
                (false, false) => {}
                (false, true) => events.push((ChangeKind::Added, object.clone())),
                (true, true) => events.push((ChangeKind::Modified, object.clone())),
                // What no longer is selected is gone for this watch, as it was when last seen.
                (true, false) if change.kind == ChangeKind::Deleted => {
                    events.push((ChangeKind::Deleted, object.clone()))
                }
                (true, false) => events.extend(change.old.clone().map(|old| (ChangeKind::Deleted, old))),
            }
        }
        self.revision = store.revision();
        for event in events {
            self.print(session, std::slice::from_ref(&event))?;
        }
        Ok(Flow::Running(Running::Watch(self), Wake::ON_CHANGE))
    }

    /// Prints objects in one go; columns never get narrower.
    fn print(&mut self, session: &mut Session<'_>, events: &[(ChangeKind, Object)]) -> Result<()> {
        if events.is_empty() {
            return Ok(());
        }
        let first = !std::mem::replace(&mut self.printed, true);
        let event_of = |kind: &ChangeKind| match kind {
            ChangeKind::Added => "ADDED",
            ChangeKind::Modified => "MODIFIED",
            ChangeKind::Deleted => "DELETED",
        };
        if let Some(output) = &self.output {
            for (at, (kind, object)) in events.iter().enumerate() {
                let value = match self.look.event {
                    true => value!({"type": (event_of(kind)), "object": (object.body.clone())}),
                    false => object.body.clone(),
                };
                output.print(session.io, &value, first && at == 0, session.flags.is("no-headers"))?;
            }
            return Ok(());
        }
        let mut table = Table::new();
        table.remembered = std::mem::take(&mut self.widths);
        if first && self.look.headings {
            table.push(self.look.headings(session.api, self.kind));
        }
        for (kind, object) in events {
            let mut row = self.look.row(session.api, object);
            if self.look.event {
                row.insert(0, event_of(kind).into());
            }
            table.push(row);
        }
        self.widths = table.widths();
        session.io.out(&table.text());
        Ok(())
    }
}
