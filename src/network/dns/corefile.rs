//! CoreDNS's configuration: server blocks, and the plugins in them that matter to an answer.

use std::fmt;

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::Store;
use crate::network::hosts_file::HostsFile;

use super::name;
use super::rewrite::Rewrite;

/// The file's path in the containers of CoreDNS, which begins its error messages.
const PATH: &str = "/etc/coredns/Corefile";

/// Every plugin that CoreDNS is built with. Those that no field of [`ServerBlock`] is for are read over.
const PLUGINS: &str = "\
    acl any auto autopath azure bind bufsize cache cancel chaos clouddns debug dns64 dnssec dnstap erratic \
    errors etcd file forward geoip grpc header health hosts k8s_external kubernetes loadbalance local log \
    loop metadata minimal multisocket nomad nsid pprof prometheus quic ready reload rewrite root route53 \
    secondary sign template timeouts tls trace transfer tsig view whoami";
/// Plugins that change answers and are not simulated.
const NOT_SIMULATED: &str = "\
    acl any auto autopath azure chaos clouddns dns64 erratic etcd file grpc header k8s_external minimal \
    nomad route53 secondary template view whoami";

fn is_in(plugins: &str, name: &str) -> bool {
    plugins.split(' ').any(|plugin| plugin == name)
}

/// Why CoreDNS refuses its configuration, in its words.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CorefileError(pub String);

impl fmt::Display for CorefileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A configuration of CoreDNS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Corefile {
    /// The server blocks, in the file's order.
    pub blocks: Vec<ServerBlock>,
}

/// How the questions for some zones are answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ServerBlock {
    /// The zones, absolute and in small letters.
    pub zones: Vec<String>,
    /// What is written to the log.
    pub logs: Vec<Log>,
    /// Which questions are changed before they are answered.
    pub rewrites: Vec<Rewrite>,
    /// Names written down in the configuration.
    pub hosts: Option<Hosts>,
    /// Names of the cluster.
    pub kubernetes: Option<Kubernetes>,
    /// Where other questions go.
    pub forwards: Vec<Forward>,
    /// True where the order of addresses changes from answer to answer.
    pub loadbalance: bool,
    /// True where a changed file is read without a restart.
    pub reload: bool,
    /// What stands there and is not simulated: the plugin, or the whole rule.
    pub not_simulated: Vec<String>,
}

/// The `log` plugin.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Log {
    /// The zones of which questions are logged.
    pub zones: Vec<String>,
    /// The line's format; `{common}` if not given.
    pub format: String,
    /// `all`, `success`, `denial`, `error`: which answers are logged.
    pub classes: Vec<String>,
}

/// The `hosts` plugin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Hosts {
    /// The names.
    pub file: HostsFile,
    /// The zones that it answers for.
    pub zones: Vec<String>,
    /// Seconds.
    pub ttl: u32,
    /// For which names the next plugin is asked where this one knows nothing.
    pub fallthrough: Fallthrough,
}

/// Which questions for unknown names go on to the next plugin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Fallthrough(pub Vec<String>);

impl Fallthrough {
    /// True where the question for `name` goes on.
    pub fn through(&self, name: &str) -> bool {
        self.0.iter().any(|zone| name::is_within(name, zone))
    }
}

/// Whether names made of a Pod's address are answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PodsMode {
    /// Never.
    #[default]
    Disabled,
    /// Always, whether there is such a Pod or not.
    Insecure,
    /// Where there is such a Pod in the namespace.
    Verified,
}

/// The `kubernetes` plugin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Kubernetes {
    /// The zones that it answers for; the first that is no reverse zone is the cluster's domain.
    pub zones: Vec<String>,
    /// Names of Pods.
    pub pods: PodsMode,
    /// Seconds.
    pub ttl: u32,
    /// For which names the next plugin is asked where this one knows nothing.
    pub fallthrough: Fallthrough,
    /// The only namespaces that it answers for; all if there are none.
    pub namespaces: Vec<String>,
    /// True where endpoints without a host name are called by their Pods' names.
    pub endpoint_pod_names: bool,
    /// True where Services without endpoints do not exist.
    pub ignore_empty_service: bool,
    /// True where headless Services have no records.
    pub no_endpoints: bool,
}

impl Kubernetes {
    /// The cluster's domain.
    pub fn primary_zone(&self) -> &str {
        let reverse =
            |zone: &&String| name::is_within(zone, "in-addr.arpa.") || name::is_within(zone, "ip6.arpa.");
        self.zones.iter().find(|zone| !reverse(zone)).or(self.zones.first()).map_or(".", String::as_str)
    }
}

/// The `forward` plugin.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Forward {
    /// The zone of which questions are passed on.
    pub from: String,
    /// The servers, or files that name them.
    pub to: Vec<String>,
    /// Zones that are not passed on.
    pub except: Vec<String>,
}

impl Forward {
    /// True where it passes on the question for `name`.
    pub fn takes(&self, name: &str) -> bool {
        name::is_within(name, &self.from) && !self.except.iter().any(|zone| name::is_within(name, zone))
    }
}

/// A plugin's line and what stands in its braces.
struct Directive {
    line: usize,
    words: Vec<String>,
    body: Vec<(usize, Vec<String>)>,
}

impl Corefile {
    /// The configuration in the ConfigMap `kube-system/coredns`.
    ///
    /// # Errors
    /// CoreDNS's words where it cannot be read or is not there.
    pub fn in_store(store: &Store) -> Result<Self, CorefileError> {
        match store.get(&ObjectKey::new(Kind::ConfigMap, "kube-system", "coredns")) {
            Some(map) => Self::of(map),
            None => Err(CorefileError(format!("open {PATH}: no such file or directory"))),
        }
    }

    /// The configuration in a ConfigMap, with the files beside it that it names.
    ///
    /// # Errors
    /// CoreDNS's words where it cannot be read.
    pub fn of(map: &Object) -> Result<Self, CorefileError> {
        let data = map.get("data");
        Self::read(data.get("Corefile").str(), &|path| {
            data.get(path.strip_prefix("/etc/coredns/")?).as_str().map(str::to_string)
        })
    }

    /// Reads the text of a configuration.
    ///
    /// # Errors
    /// CoreDNS's words where it cannot be read.
    pub fn parse(text: &str) -> Result<Self, CorefileError> {
        Self::read(text, &|_| None)
    }

    fn read(text: &str, file: &dyn Fn(&str) -> Option<String>) -> Result<Self, CorefileError> {
        let mut blocks = Vec::new();
        for (keys, directives) in server_blocks(text)? {
            if let Some(block) = ServerBlock::of(&keys, directives, file)? {
                blocks.push(block);
            }
        }
        Ok(Self { blocks })
    }

    /// The block that answers the question for `name`: that of the longest zone which the name is in.
    pub fn block(&self, name: &str) -> Option<&ServerBlock> {
        let zones = self.blocks.iter().flat_map(|block| block.zones.iter().map(move |zone| (zone, block)));
        zones
            .filter(|(zone, _)| name::is_within(name, zone))
            .max_by_key(|(zone, _)| zone.len())
            .map(|(_, block)| block)
    }

    /// What stands in the configuration and is not simulated.
    pub fn not_simulated(&self) -> impl Iterator<Item = &str> {
        self.blocks.iter().flat_map(|block| &block.not_simulated).map(String::as_str)
    }
}

fn error(line: usize, what: &str) -> CorefileError {
    CorefileError(format!("{PATH}:{line} - Error during parsing: {what}"))
}

fn plugin_error(plugin: &str, line: usize, what: &str) -> CorefileError {
    CorefileError(format!("plugin/{plugin}: {PATH}:{line} - Error during parsing: {what}"))
}

fn wrong_arguments(plugin: &str, line: usize, after: &str) -> CorefileError {
    plugin_error(plugin, line, &format!("Wrong argument count or unexpected line ending after '{after}'"))
}

fn zone(text: &str) -> String {
    name::absolute(text.trim_end_matches('.')).to_ascii_lowercase()
}

fn zones(words: &[String], default: &[String]) -> Vec<String> {
    if words.is_empty() { default.to_vec() } else { words.iter().map(|word| zone(word)).collect() }
}

/// The words of each line. A word may be quoted; `#` begins a comment.
fn lines(text: &str) -> Vec<(usize, Vec<String>)> {
    let mut lines = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let mut words = Vec::new();
        let mut rest = line.trim_start();
        while !rest.is_empty() && !rest.starts_with('#') {
            let (word, after) = match rest.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
                None => rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())),
            };
            words.push(word.to_string());
            rest = after.trim_start();
        }
        if !words.is_empty() {
            lines.push((at + 1, words));
        }
    }
    lines
}

type Blocks = Vec<(Vec<String>, Vec<Directive>)>;

fn server_blocks(text: &str) -> Result<Blocks, CorefileError> {
    let mut blocks: Blocks = Vec::new();
    let mut keys: Vec<String> = Vec::new();
    // None outside a block; within, what has been read of it.
    let mut inside: Option<Vec<Directive>> = None;
    let mut nested = 0usize;
    let mut last = 0;
    for (line, mut words) in lines(text) {
        last = line;
        let opens = words.last().is_some_and(|word| word == "{");
        if opens {
            words.pop();
        }
        let Some(directives) = &mut inside else {
            keys.extend(
                words.iter().map(|key| key.trim_end_matches(',').to_string()).filter(|key| !key.is_empty()),
            );
            if opens {
                inside = Some(Vec::new());
            }
            continue;
        };
        if words.first().is_some_and(|word| word == "}") {
            if nested > 0 {
                nested -= 1;
            } else {
                blocks.push((std::mem::take(&mut keys), inside.take().unwrap_or_default()));
            }
            continue;
        }
        match directives.last_mut() {
            Some(directive) if nested > 0 => directive.body.push((line, words)),
            _ => {
                if let Some(name) = words.first().filter(|name| !is_in(PLUGINS, name) && *name != "import") {
                    return Err(error(line, &format!("Unknown directive '{name}'")));
                }
                directives.push(Directive { line, words, body: Vec::new() });
            }
        }
        nested += usize::from(opens);
    }
    if inside.is_some() || !keys.is_empty() {
        return Err(error(last, "Unexpected EOF"));
    }
    Ok(blocks)
}

impl ServerBlock {
    /// The block for these keys; none where it does not serve plain DNS on port 53.
    fn of(
        keys: &[String],
        directives: Vec<Directive>,
        file: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, CorefileError> {
        let served = keys.iter().filter_map(|key| {
            let key = match key.split_once("://") {
                Some(("dns", key)) => key,
                Some(_) => return None,
                None => key,
            };
            match key.rsplit_once(':') {
                Some((zone, "53")) => Some(zone),
                Some(_) => None,
                None => Some(key),
            }
        });
        let mut block = Self { zones: served.map(zone).collect(), ..Self::default() };
        for directive in directives {
            block.add(&directive, file)?;
        }
        Ok((!block.zones.is_empty()).then_some(block))
    }

    fn add(
        &mut self,
        directive: &Directive,
        file: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(), CorefileError> {
        let Some((plugin, arguments)) = directive.words.split_first() else { return Ok(()) };
        match plugin.as_str() {
            "log" => self.logs.push(log(directive, arguments)?),
            "rewrite" => match Rewrite::parse(arguments, &directive.body) {
                Ok(Some(rewrite)) => self.rewrites.push(rewrite),
                Ok(None) => self.not_simulated.push(directive.words.join(" ")),
                Err(why) => return Err(plugin_error(plugin, directive.line, &why)),
            },
            "hosts" => self.hosts = Some(hosts(directive, arguments, &self.zones, file)?),
            "kubernetes" if self.kubernetes.is_some() => {
                return Err(CorefileError(
                    "plugin/kubernetes: this plugin can only be used once per Server Block".into(),
                ));
            }
            "kubernetes" => self.kubernetes = Some(kubernetes(directive, arguments, &self.zones)?),
            "forward" => self.forwards.push(forward(directive, arguments)?),
            "loadbalance" => self.loadbalance = true,
            "reload" => self.reload = true,
            other if is_in(NOT_SIMULATED, other) => self.not_simulated.push(directive.words.join(" ")),
            _ => {}
        }
        Ok(())
    }
}

fn log(directive: &Directive, arguments: &[String]) -> Result<Log, CorefileError> {
    let names = arguments.iter().take_while(|word| !word.contains('{')).cloned().collect::<Vec<_>>();
    let format = match arguments[names.len()..] {
        [] => "{common}".to_string(),
        [ref format] => format.clone(),
        _ => return Err(wrong_arguments("log", directive.line, &arguments[arguments.len() - 1])),
    };
    let mut classes = Vec::new();
    for (line, words) in &directive.body {
        match words[0].as_str() {
            "class" if words.len() > 1 => classes.extend(words[1..].iter().cloned()),
            "class" => return Err(wrong_arguments("log", *line, "class")),
            other => return Err(wrong_arguments("log", *line, other)),
        }
    }
    if classes.is_empty() {
        classes.push("all".into());
    }
    Ok(Log { zones: zones(&names, &[".".into()]), format, classes })
}

fn hosts(
    directive: &Directive,
    arguments: &[String],
    own: &[String],
    file: &dyn Fn(&str) -> Option<String>,
) -> Result<Hosts, CorefileError> {
    let (path, names) = match arguments.split_first() {
        Some((path, names)) => (Some(path), names),
        None => (None, arguments),
    };
    let text = path.and_then(|path| file(path)).unwrap_or_default();
    let mut hosts =
        Hosts { file: HostsFile::parse(&text), zones: zones(names, own), ttl: 3600, ..Hosts::default() };
    for (line, words) in &directive.body {
        match words[0].as_str() {
            "fallthrough" => hosts.fallthrough = Fallthrough(zones(&words[1..], &[".".into()])),
            "ttl" => hosts.ttl = ttl("hosts", *line, words)?,
            "no_reverse" | "reload" => {}
            _ => match HostsFile::parse_line(&words.join(" ")) {
                Some(entry) => hosts.file.entries.push(entry),
                None => {
                    return Err(plugin_error("hosts", *line, &format!("unknown property \"{}\"", words[0])));
                }
            },
        }
    }
    Ok(hosts)
}

fn ttl(plugin: &str, line: usize, words: &[String]) -> Result<u32, CorefileError> {
    let value = words.get(1).ok_or_else(|| wrong_arguments(plugin, line, "ttl"))?;
    match value.parse() {
        Ok(ttl) if ttl <= 3600 => Ok(ttl),
        Ok(ttl) => Err(plugin_error(plugin, line, &format!("ttl must be in range [0, 3600]: {ttl}"))),
        Err(_) => {
            Err(plugin_error(plugin, line, &format!("strconv.Atoi: parsing \"{value}\": invalid syntax")))
        }
    }
}

fn kubernetes(
    directive: &Directive,
    arguments: &[String],
    own: &[String],
) -> Result<Kubernetes, CorefileError> {
    const PLUGIN: &str = "kubernetes";
    let mut kubernetes = Kubernetes { zones: zones(arguments, own), ttl: 5, ..Kubernetes::default() };
    for (line, words) in &directive.body {
        let arguments = &words[1..];
        match words[0].as_str() {
            "pods" => {
                kubernetes.pods = match arguments {
                    [mode] if mode == "disabled" => PodsMode::Disabled,
                    [mode] if mode == "insecure" => PodsMode::Insecure,
                    [mode] if mode == "verified" => PodsMode::Verified,
                    [mode] => {
                        let what = format!(
                            "wrong value for pods: {mode},  must be one of: disabled, verified, insecure"
                        );
                        return Err(plugin_error(PLUGIN, *line, &what));
                    }
                    _ => {
                        return Err(wrong_arguments(
                            PLUGIN,
                            *line,
                            words.last().map_or("pods", String::as_str),
                        ));
                    }
                };
            }
            "ttl" => kubernetes.ttl = ttl(PLUGIN, *line, words)?,
            "fallthrough" => kubernetes.fallthrough = Fallthrough(zones(arguments, &[".".into()])),
            "namespaces" if arguments.is_empty() => return Err(wrong_arguments(PLUGIN, *line, "namespaces")),
            "namespaces" => kubernetes.namespaces.extend(arguments.iter().cloned()),
            "endpoint_pod_names" => kubernetes.endpoint_pod_names = true,
            "ignore" => {
                kubernetes.ignore_empty_service = arguments.iter().any(|word| word == "empty_service")
            }
            "noendpoints" => kubernetes.no_endpoints = true,
            "endpoint"
            | "tls"
            | "kubeconfig"
            | "apiserver_qps"
            | "apiserver_burst"
            | "apiserver_max_inflight"
            | "labels"
            | "namespace_labels"
            | "multicluster"
            | "startup_timeout" => {}
            other => return Err(plugin_error(PLUGIN, *line, &format!("unknown property '{other}'"))),
        }
    }
    Ok(kubernetes)
}

fn forward(directive: &Directive, arguments: &[String]) -> Result<Forward, CorefileError> {
    let (from, to) = match arguments {
        [from, to @ ..] if !to.is_empty() => (zone(from), to.to_vec()),
        _ => {
            return Err(wrong_arguments(
                "forward",
                directive.line,
                &directive.words[directive.words.len() - 1],
            ));
        }
    };
    for server in to.iter().filter(|to| !to.starts_with('/')) {
        let host = server.split_once("://").map_or(server.as_str(), |(_, host)| host);
        let host = host.split(['%', '@']).next().unwrap_or(host);
        if host.parse::<std::net::IpAddr>().is_err() && host.parse::<std::net::SocketAddr>().is_err() {
            let what = format!("not an IP address or file: \"{server}\"");
            return Err(CorefileError(format!("plugin/forward: {what}")));
        }
    }
    let except = directive.body.iter().filter(|(_, words)| words[0] == "except");
    let except = except.flat_map(|(_, words)| words[1..].iter().map(|word| zone(word))).collect();
    Ok(Forward { from, to, except })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KUBEADM: &str = "\
.:53 {
    errors
    health {
       lameduck 5s
    }
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success cluster.local
    }
    loadbalance
}
corp.example, corp.test:53 {  # a second server
    log . \"{name} {rcode}\" {
        class denial error
    }
    hosts {
        10.0.0.1 a.corp.example
        fallthrough
    }
    forward . 10.0.0.2 10.0.0.3:5353
}
";

    #[test]
    fn the_longest_zone_answers() {
        let file = Corefile::parse(KUBEADM).unwrap();
        let root = file.block("web.default.svc.cluster.local.").unwrap();
        let kubernetes = root.kubernetes.as_ref().unwrap();
        assert_eq!((kubernetes.ttl, kubernetes.pods), (30, PodsMode::Insecure));
        assert_eq!(kubernetes.primary_zone(), "cluster.local.");
        assert!(kubernetes.fallthrough.through("1.0.0.10.in-addr.arpa."));
        assert!(!kubernetes.fallthrough.through("web.default.svc.cluster.local."));
        assert!(root.loadbalance && root.logs.is_empty());
        let corp = file.block("b.CORP.example.").unwrap();
        assert_eq!(corp.zones, ["corp.example.", "corp.test."]);
        assert_eq!(corp.logs[0].classes, ["denial", "error"]);
        assert_eq!(corp.logs[0].format, "{name} {rcode}");
        assert!(corp.hosts.as_ref().unwrap().fallthrough.through("x."));
    }

    #[test]
    fn mistakes_in_its_own_words() {
        let of = |text: &str| Corefile::parse(text).unwrap_err().0;
        assert_eq!(
            of(".:53 {\n  lgo\n}\n"),
            "/etc/coredns/Corefile:2 - Error during parsing: Unknown directive 'lgo'"
        );
        assert!(
            of(".:53 {\n  kubernetes cluster.local {\n    pods maybe\n  }\n}\n")
                .contains("wrong value for pods")
        );
        assert!(of(".:53 {\n  log\n").ends_with("Unexpected EOF"));
        assert!(of(".:53 {\n  forward . corp.example\n}\n").contains("not an IP address or file"));
    }

    #[test]
    fn what_is_not_simulated_is_said() {
        let file =
            Corefile::parse(".:53 {\n  template IN A x {\n    rcode NXDOMAIN\n  }\n  whoami\n}\n").unwrap();
        assert_eq!(file.not_simulated().collect::<Vec<_>>(), ["template IN A x", "whoami"]);
    }
}
