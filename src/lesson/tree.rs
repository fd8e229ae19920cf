//! What a chapter consists of.

use super::front::Front;
use super::steps::{self, Step};

/// A part of a chapter: what it is, where it stands, what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its first line in the file, from 1.
    pub line: usize,
    /// What it is.
    pub kind: NodeKind,
    /// What is in it, in order.
    pub children: Vec<Node>,
}

/// What a part of a chapter is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// A paragraph.
    Paragraph,
    /// A heading of this level, from 1.
    Heading(u8),
    /// A list; an ordered one begins at this number.
    List(Option<u64>),
    /// An item of a list.
    Item,
    /// A quotation.
    Quote,
    /// A table: rows, the first of them the head.
    Table,
    /// A row of a table.
    Row,
    /// A cell of a row.
    Cell,
    /// A line across.
    Rule,
    /// Plain text.
    Text(String),
    /// Code within a line.
    Code(String),
    /// Emphasis.
    Emphasis,
    /// Strong emphasis.
    Strong,
    /// A link to this address.
    Link(String),
    /// A picture at this address; its children are what is said instead of it.
    Image(String),
    /// A role (`` {kbd}`Ctrl-C` ``): its name and its text.
    Role(String, String),
    /// The end of a line within a paragraph.
    Break,
    /// A mark that refers to a footnote.
    FootnoteMark(String),
    /// A footnote.
    Footnote(String),
    /// A block of code.
    Block(Block),
    /// A directive other than a block of code.
    Directive(Directive),
}

/// A block of code: a fence, or a `code-block` or `literalinclude` directive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Its language, in lower case; empty where none is said.
    pub language: String,
    /// The text. Empty for an included file until [`Chapter::include`] has put it there.
    pub text: String,
    /// The line of the file at which the text begins.
    pub first_line: usize,
    /// The file that it shows, as the chapter writes it.
    pub include: Option<String>,
    /// Its options, in the order they stand there.
    pub options: Vec<(String, String)>,
    /// What a `% saya:` remark above it says.
    pub remark: String,
}

/// A directive: its name and what goes with it. Its children are its contents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directive {
    /// Its name.
    pub name: String,
    /// What stands behind its name.
    pub argument: String,
    /// Its options, in the order they stand there.
    pub options: Vec<(String, String)>,
    /// Its contents as they stand there.
    pub body: String,
    /// The line of the file at which the contents begin.
    pub first_line: usize,
}

fn option<'a>(options: &'a [(String, String)], name: &str) -> Option<&'a str> {
    options.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

impl Block {
    /// The value of an option.
    pub fn option(&self, name: &str) -> Option<&str> {
        option(&self.options, name)
    }

    /// The name of the file that the block's text is, where its caption or name is one.
    pub fn file_name(&self) -> Option<&str> {
        if self.include.is_some() {
            return None;
        }
        [self.option("caption"), self.option("name")].into_iter().flatten().map(unquoted).find(|name| {
            let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
            !stem.is_empty()
                && !extension.is_empty()
                && extension.len() <= 5
                && extension.chars().all(|c| c.is_ascii_alphanumeric())
                && !name.starts_with('/')
                && !name.contains("..")
                && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c))
        })
    }
}

/// A caption without what Markdown puts around it.
fn unquoted(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || "`*\"".contains(c))
}

impl Directive {
    /// The value of an option.
    pub fn option(&self, name: &str) -> Option<&str> {
        option(&self.options, name)
    }
}

impl Node {
    /// A part with nothing in it.
    pub fn new(line: usize, kind: NodeKind) -> Self {
        Self { line, kind, children: Vec::new() }
    }

    /// The directive's name, where it is one.
    pub fn directive(&self) -> Option<&Directive> {
        match &self.kind {
            NodeKind::Directive(directive) => Some(directive),
            _ => None,
        }
    }

    /// Its words without any marks.
    pub fn text(&self) -> String {
        match &self.kind {
            NodeKind::Text(text) | NodeKind::Code(text) | NodeKind::Role(_, text) => text.clone(),
            NodeKind::Break => " ".into(),
            _ => self.children.iter().map(Node::text).collect(),
        }
    }
}

/// Something that a site generator would warn about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The line, from 1.
    pub line: usize,
    /// What is odd about it.
    pub what: String,
}

/// A chapter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chapter {
    /// What stands before it.
    pub front: Front,
    /// What it consists of.
    pub nodes: Vec<Node>,
    /// What is odd about it.
    pub warnings: Vec<Warning>,
}

impl Chapter {
    /// Its title: the front matter's, or its first heading.
    pub fn title(&self) -> String {
        if !self.front.title.is_empty() {
            return self.front.title.clone();
        }
        let heading = self.nodes.iter().find(|node| matches!(node.kind, NodeKind::Heading(_)));
        heading.map(Node::text).unwrap_or_default()
    }

    /// The kind of its cluster, where it says so: in its front matter, or as sphinx-saya's directive does.
    pub fn profile(&self) -> Option<&str> {
        let said = self.nodes.iter().filter_map(Node::directive).find(|directive| directive.name == "saya");
        self.front.profile.as_deref().or_else(|| said?.option("profile"))
    }

    /// Puts the texts of the included files where they are shown. `read` gives a file by the path that the chapter writes.
    pub fn include(&mut self, read: &mut dyn FnMut(&str) -> Option<String>) {
        fn walk(
            nodes: &mut [Node],
            read: &mut dyn FnMut(&str) -> Option<String>,
            warnings: &mut Vec<Warning>,
        ) {
            for node in nodes {
                if let NodeKind::Block(block) = &mut node.kind
                    && let Some(path) = &block.include
                {
                    match read(path) {
                        Some(text) => block.text = text,
                        None => warnings
                            .push(Warning { line: node.line, what: format!("there is no file {path}") }),
                    }
                }
                walk(&mut node.children, read, warnings);
            }
        }
        walk(&mut self.nodes, read, &mut self.warnings);
    }

    /// What is done in it, from top to bottom.
    pub fn steps(&self) -> Vec<Step> {
        steps::steps(&self.nodes)
    }
}
