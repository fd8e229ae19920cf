//! Shell variables.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Flavor;
use crate::container::machine::Environment;

/// The value of a variable.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// Text.
    Text(Arc<str>),
    /// An array (bash), by index.
    Array(BTreeMap<i64, Arc<str>>),
}

/// A variable; one without a value is only declared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Variable {
    /// Its value.
    pub value: Option<Value>,
    /// It is in the environment of commands.
    pub exported: bool,
    /// It cannot be set.
    pub readonly: bool,
    /// What is assigned is evaluated (`declare -i`).
    pub integer: bool,
    /// When it came, for the order of the environment.
    order: u32,
}

impl Variable {
    /// Its text; of an array the first item.
    pub fn text(&self) -> Option<Arc<str>> {
        match self.value.as_ref()? {
            Value::Text(text) => Some(text.clone()),
            Value::Array(items) => items.get(&0).cloned(),
        }
    }
}

/// The variables of a shell. A clone is cheap: what is rolled back when an expansion has to wait.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Variables {
    map: Arc<BTreeMap<Arc<str>, Variable>>,
    next: u32,
}

impl Variables {
    /// A variable by its name.
    pub fn get(&self, name: &str) -> Option<&Variable> {
        self.map.get(name)
    }
    /// The text of a variable that is set.
    pub fn text(&self, name: &str) -> Option<Arc<str>> {
        self.map.get(name)?.text()
    }
    /// A variable to change; made if there is none.
    pub fn entry(&mut self, name: &str) -> &mut Variable {
        let map = Arc::make_mut(&mut self.map);
        if !map.contains_key(name) {
            map.insert(name.into(), Variable { order: self.next, ..Variable::default() });
            self.next += 1;
        }
        map.get_mut(name).expect("just made")
    }
    /// Sets the text of a variable whatever it is.
    pub fn set(&mut self, name: &str, text: impl Into<Arc<str>>) {
        self.entry(name).value = Some(Value::Text(text.into()));
    }
    /// Sets a variable and exports it.
    pub fn export(&mut self, name: &str, text: impl Into<Arc<str>>) {
        let variable = self.entry(name);
        variable.value = Some(Value::Text(text.into()));
        variable.exported = true;
    }
    /// Forgets a variable.
    pub fn remove(&mut self, name: &str) -> Option<Variable> {
        if !self.map.contains_key(name) {
            return None;
        }
        Arc::make_mut(&mut self.map).remove(name)
    }
    /// Puts back what a variable was.
    pub fn restore(&mut self, name: Arc<str>, old: Option<Variable>) {
        match old {
            Some(variable) => Arc::make_mut(&mut self.map).insert(name, variable),
            None => self.remove(&name),
        };
    }
    /// All of them by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Variable)> {
        self.map.iter()
    }

    /// The environment of commands, in the order in which each shell walks its hash table.
    pub fn environment(&self, flavor: Flavor) -> Environment {
        let mut exported: Vec<(u32, u32, &Arc<str>, Arc<str>)> = self
            .map
            .iter()
            .filter(|(_, variable)| variable.exported)
            .filter_map(|(name, variable)| {
                Some((bucket(flavor, name), variable.order, name, variable.text()?))
            })
            .collect();
        exported.sort_by_key(|(bucket, order, ..)| (*bucket, *order));
        exported.into_iter().map(|(_, _, name, value)| (name.clone(), value)).collect()
    }
}

/// The bucket of a name in the shell's hash table: 39 in ash and dash, 1024 by FNV in bash, which puts `_` last.
fn bucket(flavor: Flavor, name: &str) -> u32 {
    let bytes = name.bytes().map(u32::from);
    match flavor {
        Flavor::Bash if name == "_" => u32::MAX,
        Flavor::Bash => {
            bytes.fold(2_166_136_261_u32, |hash, byte| hash.wrapping_mul(16_777_619) ^ byte) % 1_024
        }
        _ => {
            let first = bytes.clone().next().unwrap_or(0) << 4;
            bytes.fold(first, u32::wrapping_add) % 39
        }
    }
}
