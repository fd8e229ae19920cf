//! Reading MyST: CommonMark with tables and footnotes, directives in fences of backticks or colons, roles, front matter.
//!
//! pulldown-cmark reads the CommonMark. Before it sees a text, colon fences become tilde fences (which nest among those of
//! backticks as MyST's do), and comments and targets become empty lines, so that line numbers stay. A fence whose info
//! string is `{name}` is a directive; what is in it is read again where it is prose.

use std::collections::BTreeMap;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag};

use super::directive::{self, Contents};
use super::front::Front;
use super::tree::{Block, Chapter, Directive, Node, NodeKind, Warning};

/// Deeper than this nobody nests; what would be deeper is shown as text.
const DEEPEST: usize = 24;
/// What is added to the length of a colon fence, so that the tildes of the text itself do not end it.
const TILDES: usize = 40;

/// Reads a chapter. Never fails: what is not understood is shown as it stands, with a warning.
pub fn read(source: &str) -> Chapter {
    let source = source.replace("\r\n", "\n");
    let mut chapter = Chapter::default();
    let (front, lines) = Front::read(&source, &mut chapter.warnings);
    chapter.front = front;
    let mut remarks = BTreeMap::new();
    let text = prepare(&source, lines, &mut remarks);
    let mut reader = Reader { warnings: &mut chapter.warnings, remarks };
    chapter.nodes = reader.read(&text, 1, 0);
    chapter
}

/// The text with everything that is MyST's alone made into CommonMark, line by line.
fn prepare(source: &str, front: usize, remarks: &mut BTreeMap<usize, String>) -> String {
    let mut out = String::with_capacity(source.len() + 256);
    // The open fences: character, length, and whether their contents are text as it stands.
    let mut fences: Vec<(char, usize, bool)> = Vec::new();
    for (at, line) in source.lines().enumerate() {
        if at < front {
            out.push('\n');
            continue;
        }
        let inner = line.trim_start_matches([' ', '\t', '>']);
        let first = inner.chars().next().unwrap_or(' ');
        let length = inner.chars().take_while(|c| *c == first).count();
        let literal = fences.last().is_some_and(|fence| fence.2);
        let is_fence = matches!(first, '`' | '~' | ':') && length >= 3;
        let info = if is_fence { inner[length..].trim() } else { "" };
        let before = &line[..line.len() - inner.len()];
        let closes = is_fence
            && info.is_empty()
            && fences.last().is_some_and(|(open, least, _)| *open == first && length >= *least);
        if closes {
            fences.pop();
        } else if is_fence && !literal && (first != ':' || info.starts_with('{')) {
            // An inline code span may begin with three backticks as well, but then it ends in the same line.
            if first != '`' || !info.contains('`') {
                fences.push((first, length, directive::is_literal(info)));
            }
        }
        if first == ':' && is_fence && (closes || (!literal && info.starts_with('{'))) {
            out.push_str(before);
            out.extend(std::iter::repeat_n('~', length + TILDES));
            out.push_str(&inner[length..]);
        } else if !literal && line.starts_with('%') {
            if let Some(remark) = line[1..].trim().strip_prefix("saya:") {
                remarks.insert(at + 1, remark.trim().to_string());
            }
        } else if !literal && (is_target(inner) || line.trim() == "+++") {
            // Nothing is shown for it.
        } else {
            out.push_str(line);
        }
        out.push('\n');
    }
    out
}

/// `(label)=`
fn is_target(line: &str) -> bool {
    line.trim_end().strip_suffix(")=").is_some_and(|rest| rest.starts_with('(') && !rest.contains(' '))
}

struct Reader<'a> {
    warnings: &'a mut Vec<Warning>,
    /// What `% saya:` lines say, by line.
    remarks: BTreeMap<usize, String>,
}

/// The lines of a text by where they begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }
    fn line(&self, offset: usize) -> usize {
        self.0.partition_point(|begin| *begin <= offset) - 1
    }
}

impl Reader<'_> {
    /// Reads Markdown that begins at this line of the file.
    fn read(&mut self, text: &str, first_line: usize, depth: usize) -> Vec<Node> {
        let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH;
        let lines = Lines::of(text);
        // The open parts, the outermost first; the first holds everything.
        let mut open = vec![Node::new(first_line, NodeKind::Paragraph)];
        for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
            let line = first_line + lines.line(range.start);
            let leaf = match event {
                Event::Start(tag) => {
                    open.push(Node::new(line, kind_of(tag, line)));
                    continue;
                }
                Event::End(_) => {
                    let Some(mut node) = open.pop() else { break };
                    if let NodeKind::Block(block) = &mut node.kind {
                        block.text = std::mem::take(&mut node.children).iter().map(Node::text).collect();
                        node = self.block(node, depth);
                    } else {
                        with_roles(&mut node.children);
                    }
                    if let Some(parent) = open.last_mut() {
                        parent.children.push(node);
                    }
                    continue;
                }
                Event::Text(text) => NodeKind::Text(text.into_string()),
                Event::Code(text) => NodeKind::Code(text.into_string()),
                Event::Html(text) | Event::InlineHtml(text) => {
                    if text.trim_start().starts_with("<!--") {
                        continue;
                    }
                    NodeKind::Text(text.into_string())
                }
                Event::SoftBreak | Event::HardBreak => NodeKind::Break,
                Event::Rule => NodeKind::Rule,
                Event::FootnoteReference(name) => NodeKind::FootnoteMark(name.into_string()),
                _ => continue,
            };
            if let Some(parent) = open.last_mut() {
                match (&mut parent.children.last_mut().map(|node| &mut node.kind), leaf) {
                    (Some(NodeKind::Text(before)), NodeKind::Text(text)) => before.push_str(&text),
                    (_, leaf) => parent.children.push(Node::new(line, leaf)),
                }
            }
        }
        open.into_iter().next().map(|node| node.children).unwrap_or_default()
    }

    /// A fence: code, or a directive.
    fn block(&mut self, mut node: Node, depth: usize) -> Node {
        let line = node.line;
        let remark = (self.remarks.range(..line).next_back())
            .filter(|(at, _)| line - **at <= 2)
            .map(|(_, remark)| remark.clone())
            .unwrap_or_default();
        let NodeKind::Block(block) = &mut node.kind else { return node };
        block.remark = remark;
        let info = std::mem::take(&mut block.language);
        let Some((name, argument)) = directive::split_info(&info) else {
            block.language = info.split([' ', ',', '{']).next().unwrap_or_default().to_lowercase();
            return node;
        };
        let known = directive::contents(name);
        if known.is_none() {
            self.warnings.push(Warning { line, what: format!("{{{name}}} is no directive that Saya knows") });
        }
        let inside = directive::inside(name, &block.text, block.first_line, self.warnings);
        let first_line = block.first_line + inside.skipped;
        match name {
            "code-block" | "code" | "sourcecode" | "prompt" | "code-cell" => {
                block.language = argument.to_lowercase();
                block.text = inside.body;
                block.first_line = first_line;
                block.options = inside.options;
                return node;
            }
            "literalinclude" => {
                block.include = Some(argument.to_string());
                block.text = String::new();
                block.first_line = first_line;
                block.options = inside.options;
                block.language = block.option("language").unwrap_or_default().to_lowercase();
                return node;
            }
            _ => {}
        }
        if name == "saya" {
            node.children = cluster(argument, &inside.options, line);
        } else if known != Some(Contents::Literal) && depth < DEEPEST {
            node.children = self.read(&inside.body, first_line, depth + 1);
        }
        node.kind = NodeKind::Directive(Directive {
            name: name.to_string(),
            argument: argument.to_string(),
            options: inside.options,
            body: inside.body,
            first_line,
        });
        node
    }
}

/// What sphinx-saya's directive begins a page's cluster with: files, and commands that are typed there.
fn cluster(files: &str, options: &[(String, String)], line: usize) -> Vec<Node> {
    let block = |block: Block| Node::new(line, NodeKind::Block(block));
    let own = |path: &str| path.rsplit('/').next().unwrap_or(path).to_string();
    let yaml = |path: &str| {
        let options = vec![("caption".to_string(), own(path))];
        block(Block {
            language: "yaml".into(),
            first_line: line,
            include: Some(path.into()),
            options,
            ..Block::default()
        })
    };
    let mut nodes: Vec<Node> = files.split_whitespace().map(yaml).collect();
    // The cluster's folder holds these files alone; the reader's own has others.
    let all: String = files.split_whitespace().map(|path| format!(" -f {}", own(path))).collect();
    let run = options.iter().find(|(key, _)| key == "run").map_or("", |(_, text)| text);
    let typed: String = (run.lines().map(str::trim).filter(|command| !command.is_empty()))
        .map(|command| match command.split_once(" -f .") {
            Some((before, after)) if after.is_empty() || after.starts_with(' ') => {
                format!("$ {before}{all}{after}\n")
            }
            _ => format!("$ {command}\n"),
        })
        .collect();
    if !typed.is_empty() {
        nodes.push(block(Block {
            language: "console".into(),
            text: typed,
            first_line: line,
            ..Block::default()
        }));
    }
    nodes
}

fn kind_of(tag: Tag<'_>, line: usize) -> NodeKind {
    match tag {
        Tag::Heading { level, .. } => NodeKind::Heading(match level {
            HeadingLevel::H1 => 1,
            HeadingLevel::H2 => 2,
            HeadingLevel::H3 => 3,
            HeadingLevel::H4 => 4,
            HeadingLevel::H5 => 5,
            HeadingLevel::H6 => 6,
        }),
        Tag::List(start) => NodeKind::List(start),
        Tag::Item => NodeKind::Item,
        Tag::BlockQuote(_) => NodeKind::Quote,
        Tag::Table(_) => NodeKind::Table,
        Tag::TableHead | Tag::TableRow => NodeKind::Row,
        Tag::TableCell => NodeKind::Cell,
        Tag::Emphasis => NodeKind::Emphasis,
        Tag::Strong => NodeKind::Strong,
        Tag::Link { dest_url, .. } => NodeKind::Link(dest_url.into_string()),
        Tag::Image { dest_url, .. } => NodeKind::Image(dest_url.into_string()),
        Tag::FootnoteDefinition(name) => NodeKind::Footnote(name.into_string()),
        // The language is the whole info string until the block ends.
        Tag::CodeBlock(CodeBlockKind::Fenced(info)) => {
            NodeKind::Block(Block { language: info.into_string(), first_line: line + 1, ..Block::default() })
        }
        Tag::CodeBlock(CodeBlockKind::Indented) => {
            NodeKind::Block(Block { language: "text".into(), first_line: line, ..Block::default() })
        }
        _ => NodeKind::Paragraph,
    }
}

/// Makes roles of `{name}` before code.
fn with_roles(children: &mut [Node]) {
    for at in 1..children.len() {
        let (before, rest) = children.split_at_mut(at);
        let (Some(before), Some(node)) = (before.last_mut(), rest.first_mut()) else { continue };
        if let (NodeKind::Text(text), NodeKind::Code(code)) = (&mut before.kind, &node.kind)
            && let Some(open) = text.rfind('{')
            && let Some(name) = text[open + 1..].strip_suffix('}')
            && !name.is_empty()
            && name.chars().all(|c| c.is_ascii_lowercase() || "-:_".contains(c))
        {
            let role = NodeKind::Role(name.to_string(), code.clone());
            text.truncate(open);
            node.kind = role;
        }
    }
}
