// The editor: CodeMirror with YAML, loaded after the page's first paint. The page asks for it by `window.sayaEditor.mount`
// and answers its questions: what is wrong (`check`), what can be written (`suggest`), what a field is for (`explain`).
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, snippetCompletion } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentLess, insertTab, isolateHistory } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { HighlightStyle, bracketMatching, foldGutter, foldKeymap, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { forceLinting, linter, lintGutter, lintKeymap } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { EditorState, RangeSetBuilder, StateEffect, StateField } from '@codemirror/state';
import { Decoration, EditorView, ViewPlugin, crosshairCursor, drawSelection, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, hoverTooltip, keymap, lineNumbers, rectangularSelection } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { SNIPPETS } from './snippets.mjs';

// Colours are the page's: each is a variable of its style sheet, light and dark.
const COLOURS = HighlightStyle.define([
  { tag: [tags.definition(tags.propertyName), tags.propertyName], color: 'var(--code-key)' },
  { tag: tags.string, color: 'var(--code-text)' },
  { tag: [tags.content, tags.attributeValue], color: 'var(--ink)' },
  { tag: [tags.number, tags.bool, tags.keyword, tags.atom], color: 'var(--code-value)' },
  { tag: tags.comment, color: 'var(--faint)', fontStyle: 'italic' },
  { tag: [tags.separator, tags.punctuation, tags.bracket], color: 'var(--faint)' },
  { tag: [tags.meta, tags.labelName, tags.typeName], color: 'var(--code-value)' },
]);

const TAB = Decoration.mark({ class: 'cm-tab' });

/** A thin line at each level of indentation, and tabs, which YAML does not take, to be seen. */
const GUIDES = ViewPlugin.fromClass(
  class {
    constructor(view) {
      this.decorations = this.draw(view);
    }
    update(update) {
      if (update.docChanged || update.viewportChanged) this.decorations = this.draw(update.view);
    }
    draw(view) {
      const builder = new RangeSetBuilder();
      for (const { from, to } of view.visibleRanges) {
        for (let at = from; at <= to; ) {
          const line = view.state.doc.lineAt(at);
          const indent = line.text.match(/^ */)[0].length;
          if (indent > 1) builder.add(line.from, line.from, Decoration.line({ class: 'cm-guides', attributes: { style: `--indent:${indent}ch` } }));
          for (const { index } of line.text.matchAll(/\t/g)) builder.add(line.from + index, line.from + index + 1, TAB);
          at = line.to + 1;
        }
      }
      return builder.finish();
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

const light = StateEffect.define();

/** The lines of what was chosen in the figure. */
const LIT = StateField.define({
  create: () => Decoration.none,
  update: (lines, change) => change.effects.reduce((before, effect) => (effect.is(light) ? effect.value : before), lines.map(change.changes)),
  provide: (field) => EditorView.decorations.from(field),
});

/** A place given as line and column, both from 1, as an offset. */
function offset(doc, line, column) {
  const found = doc.line(Math.min(Math.max(line, 1), doc.lines));
  return Math.min(found.from + column - 1, found.to);
}

/** An element that shows a title and a text. */
function card(title, text) {
  const dom = document.createElement('div');
  dom.className = 'saya-docs';
  const head = dom.appendChild(document.createElement('b'));
  head.textContent = title;
  if (text) dom.appendChild(document.createElement('p')).textContent = text;
  return dom;
}

/**
 * Puts an editor into `parent`. `page` is what the page gives: `ask(what, text, line, column, answer)`, `changed(text)`,
 * `left()`, `save()`, `apply()`, `format()`, `cursor(line)`, and `fix`, the word before a right name.
 */
function mount(parent, page) {
  const ask = (what, text, line = 0, column = 0) => new Promise((answer) => page.ask(what, text, line, column, answer));
  const states = new Map(); // path -> state: each file keeps its own past
  let path = '';
  let quiet = false; // a text that the page itself puts in is no edit

  const check = linter(
    async (view) => {
      // Not all of the program is here before somebody is (static/start.mjs).
      if (window.sayaIsPart) return [];
      const found = JSON.parse(await ask('check', view.state.doc.toString()));
      const { doc } = view.state;
      return found.map(({ from, to, error, message, fix }) => {
        const start = offset(doc, from.line, from.column);
        const end = Math.max(offset(doc, to.line, to.column), Math.min(start + 1, doc.length));
        const put = { name: `${page.fix}${fix}`, apply: (target, a, b) => target.dispatch({ changes: { from: a, to: b, insert: fix } }) };
        return { from: Math.min(start, end), to: end, severity: error ? 'error' : 'warning', message, actions: fix ? [put] : [] };
      });
    },
    { delay: 350 },
  );

  const complete = async (context) => {
    const line = context.state.doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    const word = context.matchBefore(/[^\s]*/);
    if (!context.explicit && !/\S$/.test(before) && !/: $/.test(before)) return null;
    const [back, options] = JSON.parse(await ask('suggest', context.state.doc.toString(), line.number - 1, before.length));
    const isValue = /:\s+\S*$/.test(before);
    const known = options.map(({ text, detail, docs }) => ({
      label: text,
      detail,
      type: isValue ? 'enum' : 'property',
      info: docs ? () => card(`${text}: ${detail}`, docs) : undefined,
      apply: isValue ? text : `${text}: `,
    }));
    const top = /^\S*$/.test(before) && word ? SNIPPETS.map(({ label, detail, text }) => snippetCompletion(text, { label, detail, type: 'class' })) : [];
    if (known.length + top.length === 0) return null;
    return { from: context.pos - back, options: [...known, ...top], validFor: /^[\w./-]*$/ };
  };

  const hover = hoverTooltip(async (view, at) => {
    const line = view.state.doc.lineAt(at);
    const found = JSON.parse(await ask('explain', view.state.doc.toString(), line.number - 1, at - line.from));
    return found && { pos: at, above: true, create: () => ({ dom: card(found[0], found[1]) }) };
  });

  // Escape, then Tab, leaves the editor.
  let leaving = false;
  const keys = [
    { key: 'Mod-Enter', run: () => (page.apply(), true) },
    { key: 'Shift-Alt-f', run: () => (page.format(), true), preventDefault: true },
    { key: 'Mod-s', run: () => (page.save(), true), preventDefault: true },
    { key: 'Escape', run: () => ((leaving = true), false) },
    { key: 'Tab', run: (view) => (leaving ? ((leaving = false), false) : insertTab(view)), shift: (view) => (leaving ? false : indentLess(view)) },
  ];

  const extensions = [
    lineNumbers(),
    foldGutter(),
    lintGutter(),
    highlightSpecialChars(),
    GUIDES,
    LIT,
    history(),
    drawSelection(),
    EditorState.allowMultipleSelections.of(true),
    EditorState.tabSize.of(2),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    rectangularSelection(),
    crosshairCursor(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    highlightSelectionMatches(),
    search({ top: true }),
    yaml(),
    syntaxHighlighting(COLOURS),
    autocompletion({ override: [complete], icons: false }),
    check,
    hover,
    keymap.of([...keys, ...closeBracketsKeymap, ...completionKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...lintKeymap, ...defaultKeymap]),
    EditorView.contentAttributes.of(() => ({ 'aria-label': page.label(), tabindex: '0', spellcheck: 'false', autocapitalize: 'off' })),
    EditorView.domEventHandlers({ blur: () => void page.left(), keydown: (event) => void (event.key !== 'Tab' && event.key !== 'Escape' && (leaving = false)) }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged && !quiet) page.changed(update.state.doc.toString());
      if (update.selectionSet) page.cursor(update.state.doc.lineAt(update.state.selection.main.head).number);
    }),
  ];
  const fresh = (text) => EditorState.create({ doc: text, extensions });
  const view = new EditorView({ parent, state: fresh('') });
  const recheck = () => forceLinting(view);
  addEventListener('saya:whole', recheck);

  return {
    /** Shows a file; one whose text is another than it last was keeps its undo. */
    show(next, text) {
      quiet = true;
      if (next !== path) {
        if (path) states.set(path, view.state);
        path = next;
        view.setState(states.get(next) ?? fresh(text));
      }
      // Taken back by itself, not with what was typed before it.
      const whole = { changes: { from: 0, to: view.state.doc.length, insert: text }, annotations: isolateHistory.of('full') };
      if (view.state.doc.toString() !== text) view.dispatch(whole);
      quiet = false;
    },
    /** Lights up the lines from one to another, and lets them be seen; 0: none. */
    light(first, last) {
      const { doc } = view.state;
      const lines = [];
      for (let line = first; line > 0 && line <= Math.min(last, doc.lines); line++) lines.push(Decoration.line({ class: 'cm-lit' }).range(doc.line(line).from));
      const effects = [light.of(Decoration.set(lines))];
      if (lines.length > 0) effects.push(EditorView.scrollIntoView(lines[0].from, { y: 'nearest', yMargin: 40 }));
      view.dispatch({ effects });
    },
    /** The cluster has changed: what is wrong may be something else now. */
    check: recheck,
    destroy: () => {
      removeEventListener('saya:whole', recheck);
      view.destroy();
    },
  };
}

window.sayaEditor = { mount };
