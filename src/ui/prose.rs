//! A chapter's parts as they stand on a page of a book.

use std::collections::BTreeMap;

use yew::prelude::*;

use crate::lesson::{self, Beside, Block, Directive, Mark, Node, NodeKind, Went, excerpt};

use super::action::Action;
use super::course::{Deed, View};
use super::words::Words;

/// What is drawn, and what for.
pub struct Prose<'a> {
    /// The chapter, and how far its reader is.
    pub view: &'a View,
    /// What the page says.
    pub words: &'static Words,
    /// What to do.
    pub act: &'a Callback<Action>,
    /// How many headings were passed.
    pub headings: usize,
    /// The footnotes' names, in the order of their first mark.
    pub notes: Vec<String>,
    /// The footnotes themselves.
    pub footnotes: BTreeMap<String, Html>,
}

fn sentence(name: &str, words: &Words) -> String {
    let own = match name {
        "note" => words.note,
        "warning" => words.warning,
        "tip" => words.tip,
        "hint" => words.hint,
        "important" => words.important,
        "caution" => words.caution,
        "danger" => words.danger,
        "attention" => words.attention,
        "error" => words.error,
        "seealso" => words.see_also,
        _ => "",
    };
    own.to_string()
}

impl Prose<'_> {
    /// Draws parts, one after the other. Hints that follow each other are the grades of one.
    pub fn all(&mut self, nodes: &[Node]) -> Html {
        let is_hint = |node: &Node| node.directive().is_some_and(|directive| directive.name == "hint");
        let mut drawn: Vec<Html> = Vec::new();
        let mut at = 0;
        while at < nodes.len() {
            let count = nodes[at..].iter().take_while(|node| is_hint(node)).count();
            if count > 1 {
                let grades: Vec<Html> =
                    nodes[at..at + count].iter().map(|node| self.all(&node.children)).collect();
                drawn.push(html! { <Hints key={nodes[at].line} {grades} name={self.words.hint} /> });
                at += count;
                continue;
            }
            drawn.push(self.one(&nodes[at]));
            at += 1;
        }
        drawn.into_iter().collect()
    }

    /// A line of Markdown within something else: a title, a caption.
    fn inline(&mut self, text: &str) -> Html {
        let read = lesson::read(text);
        match read.nodes.as_slice() {
            [Node { kind: NodeKind::Paragraph, children, .. }] => self.all(children),
            _ => html! { {text} },
        }
    }

    fn one(&mut self, node: &Node) -> Html {
        match &node.kind {
            NodeKind::Text(text) => html! { {text.clone()} },
            NodeKind::Code(text) => {
                html! { <code class={(text.len() <= 24).then_some("short")}>{text.clone()}</code> }
            }
            NodeKind::Break => self.line_break(),
            NodeKind::Rule => html! { <hr /> },
            NodeKind::Role(name, text) => self.role(name, text),
            NodeKind::FootnoteMark(name) => {
                let at = self.notes.iter().position(|note| note == name).unwrap_or_else(|| {
                    self.notes.push(name.clone());
                    self.notes.len() - 1
                });
                html! { <sup class="mark">{at + 1}</sup> }
            }
            NodeKind::Footnote(name) => {
                let text = self.all(&node.children);
                self.footnotes.insert(name.clone(), text);
                Html::default()
            }
            NodeKind::Image(to) => self.picture(to, &node.text(), ""),
            NodeKind::Block(block) => {
                let odd = self.odd(node.line, block.first_line);
                html! { <>{self.block(node.line, block)}{odd}</> }
            }
            NodeKind::Directive(directive) => self.directive(node, directive),
            NodeKind::Table => self.table(&node.children, 1),
            _ => self.around(node),
        }
    }

    /// What has parts within it.
    fn around(&mut self, node: &Node) -> Html {
        let inside = self.all(&node.children);
        match &node.kind {
            NodeKind::Heading(level) => {
                self.headings += 1;
                let place = format!("h{}", self.headings);
                match level {
                    1 => html! { <h2 data-place={place}>{inside}</h2> },
                    2 => html! { <h3 data-place={place}>{inside}</h3> },
                    _ => html! { <h4 data-place={place}>{inside}</h4> },
                }
            }
            NodeKind::List(None) => html! { <ul>{inside}</ul> },
            NodeKind::List(Some(start)) => html! { <ol start={start.to_string()}>{inside}</ol> },
            NodeKind::Item => html! { <li>{inside}</li> },
            NodeKind::Quote => html! { <blockquote>{inside}</blockquote> },
            NodeKind::Emphasis => html! { <em>{inside}</em> },
            NodeKind::Strong => html! { <strong>{inside}</strong> },
            NodeKind::Link(to) => self.link(to, inside),
            NodeKind::Cell => html! { <td>{inside}</td> },
            NodeKind::Row => html! { <tr>{inside}</tr> },
            _ => html! { <p>{inside}</p> },
        }
    }

    /// The end of a line within a paragraph is a blank, but not between the signs of Japanese.
    fn line_break(&self) -> Html {
        html! { if self.view.language.tag() != "ja" { {" "} } else { {"\n"} } }
    }

    fn link(&self, to: &str, inside: Html) -> Html {
        if to.starts_with("https://") || to.starts_with("http://") {
            return html! { <a href={to.to_string()} target="_blank" rel="noopener noreferrer">{inside}</a> };
        }
        match self.view.chapter_of(to) {
            Some(name) => html! { <a href={format!("#lesson/{name}")}>{inside}</a> },
            None => html! { <span>{inside}</span> },
        }
    }

    fn role(&self, name: &str, text: &str) -> Html {
        let (title, target) = match text.strip_suffix('>').and_then(|rest| rest.split_once('<')) {
            Some((title, target)) => (title.trim(), target.trim()),
            None => (text, text),
        };
        match name {
            "kbd" => html! { <kbd>{text.to_string()}</kbd> },
            "command" | "program" => html! { <strong class="program">{text.to_string()}</strong> },
            "doc" => {
                let title = if title == target {
                    self.view.title_of(target).unwrap_or(title.into())
                } else {
                    title.into()
                };
                self.link(target, html! { {title} })
            }
            "ref" | "numref" => html! { <span>{title.to_string()}</span> },
            "term" => html! { <em>{title.to_string()}</em> },
            "sub" => html! { <sub>{text.to_string()}</sub> },
            "sup" => html! { <sup>{text.to_string()}</sup> },
            "guilabel" | "menuselection" => {
                html! { <span class="gui">{text.replace("-->", "▸").replace('&', "")}</span> }
            }
            "abbr" => match text.split_once('(') {
                Some((short, long)) => {
                    html! { <abbr title={long.trim_end_matches(')').to_string()}>{short.trim().to_string()}</abbr> }
                }
                None => html! { {text.to_string()} },
            },
            _ => html! { <code>{text.to_string()}</code> },
        }
    }

    fn picture(&self, to: &str, alt: &str, width: &str) -> Html {
        let plain = !to.contains(':') && !to.starts_with('/') && !to.contains("..") && !to.is_empty();
        if !plain {
            return html! { <span class="elsewhere">{format!("▧ {alt}")}</span> };
        }
        let number = width.trim_end_matches("px");
        let style = (!width.is_empty() && number.chars().all(|c| c.is_ascii_digit() || "%.em".contains(c)))
            .then(|| {
                format!(
                    "max-width:{}{}",
                    number,
                    if number.len() < width.len() || number.ends_with(|c: char| c.is_ascii_digit()) {
                        "px"
                    } else {
                        ""
                    }
                )
            });
        html! { <img src={format!("./lessons/{}/{to}", self.view.name)} alt={alt.to_string()} {style} /> }
    }

    /// Quiet marks for what a site generator would warn about at these lines.
    fn odd(&self, from: usize, to: usize) -> Html {
        let odd =
            self.view.chapter.warnings.iter().filter(|one| one.line >= from && one.line <= to.max(from));
        let texts: Vec<&str> = odd.map(|one| one.what.as_str()).collect();
        if texts.is_empty() {
            return Html::default();
        }
        let text = texts.join("; ");
        html! { <span class="odd" role="img" aria-label={text.clone()} title={text}>{"⚠"}</span> }
    }

    fn table(&mut self, rows: &[Node], head: usize) -> Html {
        let mut drawn: Vec<Html> = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let cells: Vec<Html> = row.children.iter().map(|cell| self.all(&cell.children)).collect();
            let is_head = at < head;
            drawn.push(html! {
                <tr>{for cells.into_iter().map(|cell| if is_head { html! { <th scope="col">{cell}</th> } } else { html! { <td>{cell}</td> } })}</tr>
            });
        }
        html! { <div class="table" tabindex="0" role="group"><table><tbody>{drawn.into_iter().collect::<Html>()}</tbody></table></div> }
    }

    fn directive(&mut self, node: &Node, directive: &Directive) -> Html {
        let odd = self.odd(node.line, directive.first_line.saturating_sub(1));
        let body = self.directive_body(node, directive);
        html! { <>{body}{odd}</> }
    }

    fn directive_body(&mut self, node: &Node, directive: &Directive) -> Html {
        let name = directive.name.as_str();
        let argument = directive.argument.as_str();
        match name {
            "figure" | "image" => {
                let alt = directive.option("alt").unwrap_or_default();
                let picture = self.picture(argument, alt, directive.option("width").unwrap_or_default());
                let caption = self.all(&node.children);
                html! { <figure class="picture">{picture}if !node.children.is_empty() { <figcaption>{caption}</figcaption> }</figure> }
            }
            "check" => self.check(node.line, argument),
            "exercise" => {
                let title = self.inline(argument);
                let body = self.all(&node.children);
                let label = if self.view.goal.is_some() { self.words.goal } else { self.words.exercise };
                html! {
                    <section class="exercise" data-place={format!("e{}", node.line)}>
                        <p class="label">{label}</p>
                        <h4>{title}</h4>
                        {body}
                    </section>
                }
            }
            "solution" => {
                let body = self.all(&node.children);
                html! { <details class="solution"><summary>{self.words.solution}</summary>{body}</details> }
            }
            "question" => {
                let title = self.inline(argument);
                let body = self.all(&node.children);
                html! {
                    <section class="question-box">
                        <p class="label">{self.words.think}</p>
                        <h4>{title}</h4>
                        {body}
                    </section>
                }
            }
            "answer" => {
                let body = self.all(&node.children);
                html! { <details class="answer"><summary>{self.words.answer}</summary>{body}</details> }
            }
            "hint" => {
                let body = self.all(&node.children);
                html! { <details class="hint"><summary>{self.words.hint}</summary>{body}</details> }
            }
            "dropdown" | "details" => {
                let title = self.inline(argument);
                let body = self.all(&node.children);
                html! { <details class="dropdown" open={directive.option("open").is_some()}><summary>{title}</summary>{body}</details> }
            }
            "tab-set" | "tabs" => {
                let items: Vec<&Node> =
                    node.children.iter().filter(|child| child.directive().is_some()).collect();
                let titles: Vec<String> = (items.iter())
                    .map(|item| item.directive().map(|inner| inner.argument.clone()).unwrap_or_default())
                    .collect();
                let bodies: Vec<Html> = items.iter().map(|item| self.all(&item.children)).collect();
                html! { <Tabs key={node.line} {titles} {bodies} /> }
            }
            "list-table" => self.list_table(node, directive),
            "table" => {
                let caption = self.inline(argument);
                let body = self.all(&node.children);
                html! { <div class="captioned"><p class="caption">{caption}</p>{body}</div> }
            }
            "toctree" => self.toctree(directive),
            "contents" | "tableofcontents" | "index" | "highlight" => Html::default(),
            "rubric" => html! { <p class="rubric">{self.inline(argument)}</p> },
            _ if node.children.is_empty() && !directive.body.trim().is_empty() => {
                html! { <pre class="plain">{directive.body.clone()}</pre> }
            }
            "grid" | "card" | "grid-item" | "grid-item-card" | "container" | "div" | "only" | "tab-item"
            | "tab" | "saya" => {
                let title = self.inline(argument);
                let body = self.all(&node.children);
                html! { <div class={classes!("div", name.to_string())}>if name.contains("card") { <p class="rubric">{title}</p> }{body}</div> }
            }
            _ => {
                let own = sentence(name, self.words);
                let title = match (argument, own.as_str()) {
                    ("", "") => html! { {name.to_string()} },
                    ("", own) => html! { {own.to_string()} },
                    (argument, "") => self.inline(argument),
                    // What stands behind the name of a note belongs to its text.
                    (_, own) => html! { {own.to_string()} },
                };
                let first = if own.is_empty() || argument.is_empty() {
                    Html::default()
                } else {
                    html! { <p>{self.inline(argument)}</p> }
                };
                let version = name.starts_with("version") || name == "deprecated";
                let body = self.all(&node.children);
                let kind = if own.is_empty() && !version {
                    directive.option("class").unwrap_or("note")
                } else {
                    name
                };
                html! { <aside class={classes!("admonition", kind.to_string())}><p class="label">{title}</p>{first}{body}</aside> }
            }
        }
    }

    fn list_table(&mut self, node: &Node, directive: &Directive) -> Html {
        let mut rows: Vec<Node> = Vec::new();
        for list in node.children.iter().filter(|child| matches!(child.kind, NodeKind::List(_))) {
            for item in &list.children {
                let inner = item.children.iter().find(|child| matches!(child.kind, NodeKind::List(_)));
                let mut row = Node::new(item.line, NodeKind::Row);
                row.children = inner.map(|inner| inner.children.clone()).unwrap_or_default();
                rows.push(row);
            }
        }
        let head = directive.option("header-rows").and_then(|text| text.parse().ok()).unwrap_or(0);
        let caption = self.inline(&directive.argument);
        let table = self.table(&rows, head);
        html! { <div class="captioned">if !directive.argument.is_empty() { <p class="caption">{caption}</p> }{table}</div> }
    }

    fn toctree(&self, directive: &Directive) -> Html {
        let entries = directive.body.lines().map(str::trim).filter(|line| !line.is_empty());
        html! {
            <ul class="toctree">
                {for entries.map(|line| {
                    let (title, target) = match line.strip_suffix('>').and_then(|rest| rest.split_once('<')) {
                        Some((title, target)) => (title.trim().to_string(), target),
                        None => (self.view.title_of(line).unwrap_or(line.to_string()), line),
                    };
                    html! { <li>{self.link(target, html! { {title} })}</li> }
                })}
            </ul>
        }
    }

    fn check(&mut self, line: usize, title: &str) -> Html {
        let number = self.view.checks.get(&line).copied();
        let ticked = number.is_some_and(|number| self.view.ticked.contains(&number));
        let state = if ticked { self.words.holds } else { self.words.holds_not };
        let title = self.inline(title);
        html! {
            <p class={classes!("check", ticked.then_some("ticked"))} data-place={number.map(|number| format!("k{number}"))}>
                <span class="tick" role="img" aria-label={state} title={state}>{if ticked { "✓" } else { "" }}</span>
                <span>{title}</span>
            </p>
        }
    }

    // Blocks of code

    fn block(&mut self, line: usize, block: &Block) -> Html {
        let lines: Vec<&str> = block.text.trim_end_matches('\n').lines().collect();
        let range = block.first_line..block.first_line + lines.len().max(1);
        if self.view.commands.range(range).next().is_some() && block.include.is_none() {
            return self.console(block, &lines);
        }
        let path = block.include.as_deref().or(block.file_name());
        let name = path.map(|path| path.rsplit('/').next().unwrap_or(path).to_string());
        let caption =
            block.option("caption").map(str::to_string).or(name.clone().filter(|_| block.include.is_some()));
        let files = &self.view.files;
        let read = |path: &str| files.get(path).or_else(|| files.get(path.rsplit('/').next()?)).cloned();
        let shown = excerpt(block, &read);
        let language = match block.language.as_str() {
            "" => path.and_then(|path| path.rsplit('.').next()).unwrap_or_default(),
            said => said,
        };
        let yaml = matches!(language, "yaml" | "yml");
        let buttons = name.map(|name| {
            let save = self.view.saves.get(&block.first_line).copied();
            let open = self.act.reform(move |_: MouseEvent| Action::Course(Deed::Show(name.clone(), save)));
            html! { <button type="button" class="quiet small" onclick={open}>{self.words.open_in_editor}</button> }
        });
        let class = |mark: Mark| match mark {
            Mark::Plain => None,
            Mark::Emphasized => Some("emphasized"),
            Mark::Added => Some("added"),
            Mark::Removed => Some("removed"),
        };
        let diff = block.option("diff").is_some();
        html! {
            <div class="listing" key={line}>
                if caption.is_some() || buttons.is_some() {
                    <p class="caption"><span>{caption.unwrap_or_default()}</span>{buttons}</p>
                }
                <pre tabindex="0"><code>{for shown.iter().map(|one| {
                    let sign = match one.mark { Mark::Added => "+ ", Mark::Removed => "- ", _ if diff => "  ", _ => "" };
                    html! {
                        <span class={classes!("row", class(one.mark))}>
                            if let Some(number) = one.number { <span class="number">{number}</span> }
                            {sign}{if yaml { colour(&one.text) } else { html! { {one.text.clone()} } }}{"\n"}
                        </span>
                    }
                })}</code></pre>
            </div>
        }
    }

    /// A block of commands and what they print.
    fn console(&mut self, block: &Block, lines: &[&str]) -> Html {
        let mut drawn: Vec<Html> = Vec::new();
        let mut output: Vec<&str> = Vec::new();
        // The command whose output is being read, and whether both sides of it are shown instead.
        let mut compared: Option<&Beside> = None;
        let mut at = 0;
        while at <= lines.len() {
            let number =
                lines.get(at).and_then(|_| self.view.commands.get(&(block.first_line + at)).copied());
            if at == lines.len() || number.is_some() {
                if let Some(beside) = compared.take() {
                    drawn.push(self.beside(beside));
                } else if output.iter().any(|line| !line.trim().is_empty()) {
                    drawn.push(
                        html! { <pre class="printed">{for output.iter().map(|line| annotated(line))}</pre> },
                    );
                }
                output.clear();
            }
            let Some(line) = lines.get(at) else { break };
            let Some(number) = number else {
                output.push(line);
                at += 1;
                continue;
            };
            let span = self.view.spans.get(&number).copied().unwrap_or(1).min(lines.len() - at);
            drawn.push(self.command(number, &lines[at..at + span]));
            compared = self.view.beside.get(&number);
            at += span;
        }
        html! {
            <div class="listing console">
                if let Some(caption) = block.option("caption") { <p class="caption"><span>{caption.to_string()}</span></p> }
                <div class="console-body">{drawn.into_iter().collect::<Html>()}</div>
            </div>
        }
    }

    fn command(&self, number: usize, lines: &[&str]) -> Html {
        let went = self.view.went.get(&number).copied();
        let press = self.act.reform(move |_: MouseEvent| Action::Course(Deed::Press(number)));
        let look = self.act.reform(move |_: MouseEvent| Action::Course(Deed::Beside(number)));
        let open = self.view.beside.contains_key(&number);
        let (class, sign, says) = match went {
            None => ("", "", ""),
            Some(Went::Same) => ("same", "✓", self.words.as_in_book),
            Some(Went::Otherwise) => ("otherwise", "≠", self.words.not_as_in_book),
            Some(Went::Unsaid) => ("unsaid", "✓", self.words.typed),
        };
        let text = lines.iter().map(|line| {
            let length = lesson::prompt_length(line);
            let command = &line[length..];
            let kept = lesson::without_remark(command).len();
            html! {
                <span class="typed"><span class="prompt">{line[..length].to_string()}</span>{command[..kept].to_string()}<span class="remark">{command[kept..].to_string()}</span>{"\n"}</span>
            }
        });
        html! {
            <div class={classes!("command", class)} data-place={format!("c{number}")}>
                <button type="button" class="run" title={self.words.types_it} onclick={press}>{for text}</button>
                if went.is_some() {
                    <button type="button" class="look" aria-expanded={open.to_string()} aria-label={format!("{} {}", says, self.words.beside_it)} title={format!("{says} {}", self.words.beside_it)} onclick={look}>{sign}</button>
                }
            </div>
        }
    }

    fn beside(&self, beside: &Beside) -> Html {
        let side = |name: &'static str, lines: &[(String, bool)]| {
            html! {
                <div>
                    <p class="label">{name}</p>
                    <pre tabindex="0">{for lines.iter().map(|(line, alone)| html! { <span class={classes!("row", alone.then_some("alone"))}>{line.clone()}{"\n"}</span> })}</pre>
                </div>
            }
        };
        html! {
            <div class="sides">
                {side(self.words.in_book, &beside.said)}
                {side(self.words.in_terminal, &beside.printed)}
                if beside.same { <p class="verdict">{self.words.same_but}</p> }
            </div>
        }
    }
}

/// A line of output, its annotation apart.
fn annotated(line: &str) -> Html {
    match line.find("<--").filter(|at| *at > 0) {
        Some(at) => {
            html! { <>{line[..at].to_string()}<span class="remark">{line[at..].to_string()}</span>{"\n"}</> }
        }
        None => html! { {format!("{line}\n")} },
    }
}

/// A line of YAML with its key, text and remark set apart.
fn colour(line: &str) -> Html {
    let remark =
        line.find(" #").or_else(|| line.trim_start().starts_with('#').then_some(0)).unwrap_or(line.len());
    let (code, remark) = line.split_at(remark);
    let start = code.len() - code.trim_start_matches([' ', '-']).len();
    let key = code[start..]
        .find(": ")
        .or_else(|| code.trim_end().ends_with(':').then(|| code[start..].trim_end().len() - 1));
    let remark = html! { if !remark.is_empty() { <span class="remark">{remark.to_string()}</span> } };
    match key {
        Some(end) => html! {
            <>{code[..start].to_string()}<span class="key">{code[start..start + end].to_string()}</span>{":"}<span class="value">{code[start + end + 1..].to_string()}</span>{remark}</>
        },
        None => {
            html! { <>{code[..start].to_string()}<span class="value">{code[start..].to_string()}</span>{remark}</> }
        }
    }
}

#[derive(Properties, PartialEq)]
struct HintsProps {
    grades: Vec<Html>,
    name: &'static str,
}

/// Hints in grades: the next is offered where the one before was read.
#[component]
fn Hints(props: &HintsProps) -> Html {
    let read = use_state(|| 0_usize);
    let count = props.grades.len();
    let more = {
        let read = read.clone();
        Callback::from(move |_: MouseEvent| read.set((*read + 1).min(count)))
    };
    html! {
        <div class="hints">
            {for props.grades.iter().take(*read).enumerate().map(|(at, grade)| html! {
                <div class="grade"><p class="label">{format!("{} {}/{count}", props.name, at + 1)}</p>{grade.clone()}</div>
            })}
            if *read < count {
                <button type="button" class="small" onclick={more}>{format!("{} {}/{count}", props.name, *read + 1)}</button>
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct TabsProps {
    titles: Vec<String>,
    bodies: Vec<Html>,
}

/// The same in several ways, one at a time.
#[component]
fn Tabs(props: &TabsProps) -> Html {
    let chosen = use_state(|| 0_usize);
    html! {
        <div class="tab-set">
            <div class="tab-row" role="tablist">
                {for props.titles.iter().enumerate().map(|(at, title)| {
                    let chosen_now = *chosen == at;
                    let chosen = chosen.clone();
                    let choose = Callback::from(move |_: MouseEvent| chosen.set(at));
                    html! { <button type="button" role="tab" aria-selected={chosen_now.to_string()} onclick={choose}>{title.clone()}</button> }
                })}
            </div>
            <div class="tab-body" role="tabpanel">{props.bodies.get(*chosen).cloned().unwrap_or_default()}</div>
        </div>
    }
}
