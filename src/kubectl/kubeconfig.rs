//! `~/.kube/config`: which cluster, as whom, in which namespace.

use std::sync::OnceLock;

use crate::base::Value;
use crate::value;

use super::error::{Error, Result, bail};
use super::flags::Flags;
use super::session::Io;

/// A kubeconfig file, as a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Kubeconfig {
    /// The whole file.
    pub body: Value,
    /// Where it lies.
    pub path: String,
}

/// Where the kubeconfig of this host lies: `--kubeconfig`, `$KUBECONFIG`, or `~/.kube/config`.
pub fn path(io: &dyn Io, flag: &str) -> String {
    if !flag.is_empty() {
        return flag.into();
    }
    match io.env("KUBECONFIG").and_then(|list| list.split(':').find(|p| !p.is_empty()).map(str::to_string)) {
        Some(path) => path,
        None => format!("{}/.kube/config", io.env("HOME").unwrap_or_default()),
    }
}

/// The file that a tool which makes a cluster writes: one cluster, one user, one context, all of one name.
pub fn initial(name: &str, server: &str) -> Value {
    let mut context = value!({"cluster": name, "user": name});
    let mut cluster = value!({"server": server, "certificate-authority-data": "DATA+OMITTED"});
    let mut user = value!({"client-certificate-data": "DATA+OMITTED", "client-key-data": "DATA+OMITTED"});
    if name == "minikube" {
        context.set("namespace", "default");
        cluster = value!({"server": server, "certificate-authority": "/home/user/.minikube/ca.crt"});
        user = value!({
            "client-certificate": "/home/user/.minikube/profiles/minikube/client.crt",
            "client-key": "/home/user/.minikube/profiles/minikube/client.key"
        });
    }
    value!({
        "apiVersion": "v1",
        "clusters": [{"cluster": cluster, "name": name}],
        "contexts": [{"context": context, "name": name}],
        "current-context": name,
        "kind": "Config",
        "users": [{"name": name, "user": user}]
    })
}

impl Kubeconfig {
    /// Reads the file; one that is not there is empty.
    ///
    /// # Errors
    /// Where it is no YAML.
    pub fn load(io: &dyn Io, flag: &str) -> Result<Self> {
        let path = path(io, flag);
        let Ok(bytes) = io.read_file(&path) else { return Ok(Self { body: Value::map(), path }) };
        // Every command reads it, and hardly one changes it: what was read first need not be read again.
        static FIRST: OnceLock<(Vec<u8>, Value)> = OnceLock::new();
        if let Some((_, body)) = FIRST.get().filter(|(first, _)| *first == bytes) {
            return Ok(Self { body: body.clone(), path });
        }
        let mut documents = super::manifest::documents(&bytes);
        match if documents.is_empty() { Ok(Value::map()) } else { documents.remove(0) } {
            Ok(body) => {
                FIRST.get_or_init(|| (bytes, body.clone()));
                Ok(Self { body, path })
            }
            Err(why) => bail!("error loading config file \"{path}\": {why}"),
        }
    }

    /// Writes the file.
    ///
    /// # Errors
    /// What the system says.
    pub fn save(&self, io: &mut dyn Io) -> Result<()> {
        let text = super::printer::yaml(&self.body);
        io.write_file(&self.path, text.as_bytes())
            .map_err(|why| Error::plain(format!("open {}: {why}", self.path)))
    }

    /// The name of the current context.
    pub fn current(&self) -> &str {
        self.body.get("current-context").str()
    }

    /// The entry `name` of a list (`contexts`, `clusters`, `users`).
    pub fn entry(&self, list: &str, name: &str) -> Option<&Value> {
        self.body.get(list).items().iter().find(|entry| entry.get("name").str() == name)
    }

    /// The entry `name` of a list to write to, made where it is missing.
    pub fn entry_mut(&mut self, list: &str, field: &str, name: &str) -> &mut Value {
        let items = self.body.entry(list).items_mut();
        let at = match items.iter().position(|entry| entry.get("name").str() == name) {
            Some(at) => at,
            None => {
                items.push(value!({"name": name}));
                items.sort_by(|a, b| a.get("name").str().cmp(b.get("name").str()));
                items.iter().position(|entry| entry.get("name").str() == name).unwrap_or(0)
            }
        };
        items[at].entry(field)
    }

    /// The fields of the context that `--context` names, or of the current one.
    ///
    /// # Errors
    /// Where there is no such context.
    pub fn context(&self, flag: &str) -> Result<Value> {
        let name = if flag.is_empty() { self.current() } else { flag };
        match self.entry("contexts", name) {
            Some(entry) => Ok(entry.get("context").clone()),
            None if name.is_empty() => Ok(Value::Null),
            None if flag.is_empty() => Err(Error::Raw(format!(
                "Error in configuration: context was not found for specified context: {name}"
            ))),
            None => Err(Error::Plain(format!("context \"{name}\" does not exist"))),
        }
    }

    /// The fields of the cluster that `--cluster` names, or the context.
    ///
    /// # Errors
    /// Where there is no such context or cluster.
    pub fn cluster(&self, flags: &Flags) -> Result<Value> {
        let context = self.context(flags.text("context"))?;
        let own = context.get("cluster").str();
        match flags.text("cluster") {
            "" => {
                Ok(self.entry("clusters", own).map(|entry| entry.get("cluster").clone()).unwrap_or_default())
            }
            name => match self.entry("clusters", name) {
                Some(entry) => Ok(entry.get("cluster").clone()),
                None => bail!("cluster \"{name}\" does not exist"),
            },
        }
    }
}
