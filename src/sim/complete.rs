//! What Tab completes in a terminal: verbs, kinds, names, flags and their values, containers and files, from the lists
//! that the programs themselves read.

use crate::api::schema::{self, schema};
use crate::api::{Kind, Object};
use crate::base::Value;
use crate::container::commands::NAMES;
use crate::kubectl::ROOT;
use crate::kubectl::command::{Command, find};
use crate::kubectl::discovery::{self, Resource};
use crate::kubectl::flags::{GLOBAL, flags_of};

use super::client::Client;
use super::minikube::Minikube;
use super::{HOME, Sim, ask};

/// What the word before the cursor can become.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// Where that word begins, in bytes.
    pub start: usize,
    /// What it can become, in order. One that ends in `/`, `=` or `.` goes on; any other is followed by a space.
    pub options: Vec<String>,
}

impl Completion {
    /// What all options begin with.
    pub fn common(&self) -> &str {
        let Some(first) = self.options.first() else { return "" };
        let mut end = first.len();
        for option in &self.options {
            let same = first.bytes().zip(option.bytes()).take_while(|(a, b)| a == b).count();
            end = end.min(same);
        }
        while !first.is_char_boundary(end) {
            end -= 1;
        }
        &first[..end]
    }
}

/// What the last word of `typed` can become at a terminal's prompt.
pub fn complete(sim: &Sim, terminal: u32, typed: &str) -> Completion {
    if !sim.host().is_at_prompt(terminal) {
        return Completion::default();
    }
    // Only the command that is being typed counts.
    let from = typed.rfind(['|', ';', '&', '(']).map_or(0, |at| at + 1);
    let start = typed.rfind([' ', '\t', '|', ';', '&', '(', '>', '<']).map_or(0, |at| at + 1);
    let mut words: Vec<String> =
        typed[from.min(start)..start].split_whitespace().map(str::to_string).collect();
    let last = &typed[start..];
    // Variables before a command belong to it.
    while words.first().is_some_and(|word| word.contains('=') && !word.starts_with('-')) {
        words.remove(0);
    }
    let asking = Asking { sim, terminal, last };
    let redirected = typed[..start].trim_end().ends_with(['>', '<']);
    let mut options = match words.first().map(String::as_str) {
        _ if redirected => asking.files(),
        None => NAMES.iter().chain(Client::NAMES).map(|name| name.to_string()).collect(),
        Some("kubectl") => asking.kubectl(&words[1..]),
        Some("minikube") if words.len() == 1 => Minikube::WORDS.iter().map(|word| (*word).into()).collect(),
        Some("minikube") if words[1] == "kubectl" => {
            asking.kubectl(&words[if words.get(2).is_some_and(|word| word == "--") { 3 } else { 2 }..])
        }
        Some(_) => asking.files(),
    };
    options.retain(|option| option.starts_with(last));
    options.sort();
    options.dedup();
    Completion { start, options }
}

struct Asking<'a> {
    sim: &'a Sim,
    terminal: u32,
    last: &'a str,
}

/// What the words after a verb are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// A kind, then names of it; or `kind/name`.
    Objects,
    /// A Pod, or something with Pods as `kind/name`.
    Pods,
    /// Nodes.
    Nodes,
    /// `kind/name` of these.
    Of(&'static [Kind]),
    Nothing,
}

const WORKLOADS: &[Kind] = &[Kind::Deployment, Kind::StatefulSet, Kind::DaemonSet];
const SCALED: &[Kind] = &[Kind::Deployment, Kind::ReplicaSet, Kind::StatefulSet];

fn wanted(path: &str) -> Wanted {
    match path.strip_prefix("kubectl ").unwrap_or("") {
        "get" | "describe" | "delete" | "edit" | "label" | "annotate" | "patch" | "wait" | "expose" => {
            Wanted::Objects
        }
        "logs" | "exec" | "attach" | "port-forward" | "cp" | "top pod" => Wanted::Pods,
        "cordon" | "uncordon" | "drain" | "taint" | "top node" => Wanted::Nodes,
        "scale" | "autoscale" => Wanted::Of(SCALED),
        path if path.starts_with("rollout ") || path.starts_with("set ") => Wanted::Of(WORKLOADS),
        _ => Wanted::Nothing,
    }
}

impl Asking<'_> {
    fn kubectl(&self, words: &[String]) -> Vec<String> {
        // What follows `--` runs in a container.
        if words.iter().any(|word| word == "--") {
            return Vec::new();
        }
        let (found, path, rest) = find(&ROOT, words);
        let command = found.command;
        if let Some((flag, _)) = self.last.strip_prefix("--").and_then(|flag| flag.split_once('=')) {
            let values = self.values(flag, words, &rest);
            return values.into_iter().map(|value| format!("--{flag}={value}")).collect();
        }
        if self.last.starts_with('-') {
            return flags(command);
        }
        if let Some(name) = words.last().and_then(|word| waiting_flag(command, word)) {
            return self.values(name, words, &rest);
        }
        let arguments: Vec<&String> = plain(command, &rest);
        if !command.commands.is_empty() && arguments.is_empty() && command.run.is_none() {
            return command.listed().map(|command| command.name.to_string()).collect();
        }
        let namespace = self.namespace(words);
        match (wanted(&path), &arguments[..]) {
            (Wanted::Objects, _) if self.last.contains('/') => {
                let kinds: Vec<Kind> = self.sim.cluster().api.kinds().collect();
                self.paths(&kinds, &namespace)
            }
            (Wanted::Objects, []) => self.kinds(),
            (Wanted::Objects, [kind, ..]) => {
                self.kind(kind).map_or_else(Vec::new, |kind| self.names(kind, &namespace))
            }
            (Wanted::Pods, []) if self.last.contains('/') => self.paths(WORKLOADS, &namespace),
            (Wanted::Pods, []) => {
                let mut all = self.names(Kind::Pod, &namespace);
                all.extend(self.paths(WORKLOADS, &namespace));
                if path == "kubectl port-forward" {
                    all.extend(self.paths(&[Kind::Service], &namespace));
                }
                all
            }
            (Wanted::Pods, [pod]) if path == "kubectl logs" => self.containers(pod, &namespace),
            (Wanted::Nodes, _) => self.names(Kind::Node, ""),
            (Wanted::Of(kinds), []) => {
                let mut all = self.paths(kinds, &namespace);
                all.extend(kinds.iter().map(|kind| kind.names().singular.to_string()));
                all
            }
            (Wanted::Of(_), [kind]) => {
                self.kind(kind).map_or_else(Vec::new, |kind| self.names(kind, &namespace))
            }
            _ if path == "kubectl explain" => self.fields(),
            _ if path.starts_with("kubectl config use-context") => {
                let contexts = ask::ask(self.sim, &["config", "get-contexts", "-o", "name"]);
                contexts.out.lines().map(str::to_string).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The kind that a word means.
    fn kind(&self, word: &str) -> Option<Kind> {
        discovery::find(&self.sim.cluster().api, word)?.simulated()
    }

    fn kinds(&self) -> Vec<String> {
        let resources: Vec<Resource> = discovery::resources(&self.sim.cluster().api)
            .into_iter()
            .filter(|resource| resource.simulated().is_some())
            .collect();
        let is_exact = |resource: &&Resource| resource.short.split(',').any(|short| short == self.last);
        if !self.last.is_empty() && resources.iter().any(|resource| is_exact(&resource)) {
            return vec![self.last.to_string()];
        }
        let mut all: Vec<String> = resources.iter().map(|resource| resource.plural.to_string()).collect();
        all.push("all".into());
        all
    }

    fn names(&self, kind: Kind, namespace: &str) -> Vec<String> {
        let store = self.sim.cluster().api.store();
        let name = |object: &Object| object.name().to_string();
        if kind.names().namespaced {
            store.list_in(kind, namespace).map(name).collect()
        } else {
            store.list(kind).map(name).collect()
        }
    }

    /// `kind/name` of these kinds, the kind written as it was begun.
    fn paths(&self, kinds: &[Kind], namespace: &str) -> Vec<String> {
        let begun = self.last.split_once('/').map(|(kind, _)| kind);
        let mut all = Vec::new();
        for kind in kinds {
            let word = match begun {
                Some(begun) if self.kind(begun) == Some(*kind) => begun,
                Some(_) => continue,
                None => kind.names().singular,
            };
            all.extend(self.names(*kind, namespace).iter().map(|name| format!("{word}/{name}")));
        }
        all
    }

    fn containers(&self, pod: &str, namespace: &str) -> Vec<String> {
        let name = pod.rsplit('/').next().unwrap_or(pod);
        let Some(pod) = ask::object(self.sim, Kind::Pod, namespace, name) else { return Vec::new() };
        let lists = ["containers", "initContainers"];
        let all = lists.iter().flat_map(|list| pod.spec().get(list).items());
        all.map(|container| container.get("name").str().to_string()).collect()
    }

    fn namespace(&self, words: &[String]) -> String {
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "-n" | "--namespace" => return words.next().cloned().unwrap_or_default(),
                _ => {
                    if let Some(name) = word.strip_prefix("--namespace=").or(word.strip_prefix("-n")) {
                        return name.into();
                    }
                }
            }
        }
        ask::namespace(self.sim)
    }

    /// The values of a flag, by its name.
    fn values(&self, flag: &str, words: &[String], rest: &[String]) -> Vec<String> {
        let texts = |all: &[&str]| all.iter().map(|text| text.to_string()).collect();
        match flag {
            "namespace" => self.names(Kind::Namespace, ""),
            "filename" | "kustomize" | "from-file" | "from-env-file" | "kubeconfig" => self.files(),
            "output" => {
                texts(&["json", "name", "wide", "yaml", "jsonpath=", "custom-columns=", "go-template="])
            }
            "dry-run" => texts(&["client", "none", "server"]),
            "container" => {
                let pod = rest.iter().find(|word| !word.starts_with('-'));
                pod.map_or_else(Vec::new, |pod| self.containers(pod, &self.namespace(words)))
            }
            "selector" => {
                let namespace = self.namespace(words);
                let pods = self.sim.cluster().api.store().list_in(Kind::Pod, &namespace);
                let pair = |(key, value): (&str, &Value)| format!("{key}={}", value.str());
                pods.flat_map(|pod| pod.labels().entries().map(pair)).collect()
            }
            "for" => texts(&["condition=Available", "condition=Ready", "create", "delete", "jsonpath="]),
            "type" => texts(&["ClusterIP", "LoadBalancer", "NodePort", "json", "merge", "strategic"]),
            _ => Vec::new(),
        }
    }

    /// Fields for `explain`: `pod.spec.`, a step at a time.
    fn fields(&self) -> Vec<String> {
        let Some((path, _)) = self.last.rsplit_once('.') else {
            return Kind::ALL.iter().map(|kind| kind.names().singular.to_string()).collect();
        };
        let mut steps = path.split('.');
        let kind = steps.next().and_then(Kind::from_word);
        let known = kind.and_then(|kind| schema().kind(kind.api_version(), kind.names().kind));
        let steps: Vec<&str> = steps.collect();
        let fields: &[schema::Field] = known.map_or(&[], |kind| schema().fields_at(kind, &steps));
        fields.iter().map(|field| format!("{path}.{}", field.name)).collect()
    }

    /// Files and folders below where the shell stands.
    fn files(&self) -> Vec<String> {
        let folder = self.last.rfind('/').map_or("", |at| &self.last[..=at]);
        let base = match folder.strip_prefix("~/") {
            Some(rest) => format!("{HOME}/{rest}"),
            None if folder.starts_with('/') => folder.into(),
            None => format!("{}/{folder}", self.sim.host().directory(self.terminal)),
        };
        let below = self.sim.host().tree().walk(&base);
        let hidden = self.last[folder.len()..].starts_with('.');
        let here = below.into_iter().filter(|(path, _)| !path.contains('/'));
        here.filter(|(path, _)| hidden || !path.starts_with('.'))
            .map(|(path, node)| format!("{folder}{path}{}", if node.is_directory() { "/" } else { "" }))
            .collect()
    }
}

fn flags(command: &Command) -> Vec<String> {
    let own = flags_of(command.flags);
    own.chain(flags_of(&[GLOBAL]))
        .map(|flag| format!("--{}{}", flag.name, if flag.stands_alone() { "" } else { "=" }))
        .collect()
}

/// The flag that a word is, where it still waits for its value.
fn waiting_flag(command: &Command, word: &str) -> Option<&'static str> {
    let mut all = flags_of(command.flags).chain(flags_of(&[GLOBAL]));
    let is_it = |flag: &crate::kubectl::flags::Flag| match word.strip_prefix("--") {
        Some(name) => name == flag.name,
        None => word
            .strip_prefix('-')
            .is_some_and(|letters| letters.chars().last().is_some() && letters.chars().last() == flag.letter),
    };
    all.find(is_it).filter(|flag| word.starts_with('-') && !flag.stands_alone()).map(|flag| flag.name)
}

/// The words that are neither flags nor their values.
fn plain<'a>(command: &Command, words: &'a [String]) -> Vec<&'a String> {
    let mut all = Vec::new();
    let mut skip = false;
    for word in words {
        if std::mem::take(&mut skip) {
            continue;
        }
        if word.starts_with('-') {
            skip = !word.contains('=') && waiting_flag(command, word).is_some();
        } else {
            all.push(word);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SimTime;
    use crate::sim::{Input, Scenario};

    fn sim() -> Sim {
        let story =
            [("ss-mysql.yml", include_str!("../../static/story/ss-mysql.yml")), ("sub/a.yml", "a: b\n")];
        let files = story.map(|(path, text)| (path.to_string(), text.to_string())).into();
        let mut sim = Sim::new(&Scenario { files, ..Scenario::default() }).unwrap();
        sim.apply(&Input::Type { terminal: 1, text: "kubectl apply -f .\n".into() });
        sim.run_until(SimTime::from_secs(30));
        sim
    }

    #[test]
    fn words_become_what_the_programs_know() {
        let sim = sim();
        for (typed, options) in [
            ("kubec", &["kubectl"][..]),
            ("kubectl des", &["describe"]),
            ("echo a | kubectl des", &["describe"]),
            ("kubectl rollout st", &["status"]),
            ("kubectl get statef", &["statefulsets"]),
            ("kubectl get po", &["po"]),
            ("kubectl get pods my", &["mysql-0"]),
            ("kubectl get pods -n kube-system my", &[]),
            ("kubectl delete pod/my", &["pod/mysql-0"]),
            ("kubectl exec -it statefulset/", &["statefulset/mysql"]),
            ("kubectl logs mysql-0 -c ", &["mysql"]),
            ("kubectl get pods -n kube-n", &["kube-node-lease"]),
            ("kubectl get pods --namespace=kube-n", &["--namespace=kube-node-lease"]),
            ("kubectl get pods --show-l", &["--show-labels"]),
            ("kubectl apply -f ss", &["ss-mysql.yml"]),
            ("kubectl apply -f su", &["sub/"]),
            ("cat sub/", &["sub/a.yml"]),
            ("cat < ss", &["ss-mysql.yml"]),
            ("kubectl explain pod.spec.hostn", &["pod.spec.hostname", "pod.spec.hostnameOverride"]),
            ("kubectl get pods -o ya", &["yaml"]),
            ("kubectl cordon ", &["docker-desktop"]),
            ("kubectl exec mysql-0 -- ca", &[]),
        ] {
            assert_eq!(complete(&sim, 1, typed).options, options, "{typed}");
        }
    }

    #[test]
    fn what_all_options_share_is_typed_at_once() {
        let completion = complete(&sim(), 1, "kubectl ap");
        assert_eq!((completion.start, completion.common()), (8, "ap"));
        assert_eq!(completion.options, ["api-resources", "api-versions", "apply"]);
    }

    #[test]
    fn nothing_is_completed_while_a_program_runs() {
        let mut sim = sim();
        sim.apply(&Input::Type { terminal: 1, text: "sleep 100\n".into() });
        assert_eq!(complete(&sim, 1, "kube"), Completion::default());
    }
}
