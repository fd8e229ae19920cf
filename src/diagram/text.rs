//! A scene in words: a tree with states and relations, for screen readers and for terminals.

use super::scene::{Group, Kind, Scene};

/// A line of the outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item<'a> {
    /// How many items it stands within; 0 is the cluster.
    pub depth: usize,
    /// The id of the group or connection that it tells of.
    pub id: &'a str,
    /// True for what a group has to do with another; false for the group itself.
    pub relation: bool,
    /// What there is to say.
    pub words: String,
}

/// The figure as a list of items, each after the one it belongs to.
pub fn outline(scene: &Scene) -> Vec<Item<'_>> {
    let mut connections: Vec<(&str, &str, &str)> = scene
        .connections()
        .into_iter()
        .map(|(connection, _)| {
            (connection.from.group.as_str(), connection.id.as_str(), connection.meaning.as_str())
        })
        .collect();
    // Stable: what a group has to do with others stays in the order it is drawn in.
    connections.sort_by_key(|(from, ..)| *from);
    let mut items = Vec::new();
    for child in &scene.root.children {
        add(child, 0, &connections, &mut items);
    }
    if let Some(first) = items.first_mut() {
        first.words = format!("{}: {}", scene.title, scene.description);
    }
    items
}

fn add<'a>(
    group: &'a Group,
    depth: usize,
    connections: &[(&'a str, &'a str, &'a str)],
    items: &mut Vec<Item<'a>>,
) {
    // What only holds other things together has nothing to say of its own, and a connection
    // is told in full after the figure.
    if matches!(group.kind, Kind::Annex | Kind::Trace) {
        return group.children.iter().for_each(|child| add(child, depth, connections, items));
    }
    items.push(Item { depth, id: &group.id, relation: false, words: group.label() });
    let from = connections.partition_point(|(from, ..)| *from < group.id.as_str());
    let own = connections[from..].iter().take_while(|(from, ..)| *from == group.id);
    items.extend(own.map(|(_, id, meaning)| Item {
        depth: depth + 1,
        id,
        relation: true,
        words: (*meaning).to_owned(),
    }));
    for child in &group.children {
        add(child, depth + 1, connections, items);
    }
}

/// The figure as plain text: two spaces for each step inwards, an arrow before each relation.
pub fn text(scene: &Scene) -> String {
    let line = |item: &Item| {
        let arrow = if item.relation { "→ " } else { "" };
        format!("{}{arrow}{}\n", "  ".repeat(item.depth), item.words)
    };
    outline(scene).iter().map(line).collect()
}
