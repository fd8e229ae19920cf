// The course as the page fetches it: `lessons/index.json` lists the chapters, `lessons/NAME.LANG.json` is one with the files
// beside it, and its pictures lie in `lessons/NAME/`.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PICTURE = /\.(svg|png|jpe?g|webp)$/;
const ASIDE = /\.md$/;

/** The front matter's words that the list of chapters needs. */
function front(source) {
  const head = source.match(/^---\r?\n([^]*?)\r?\n---\r?\n/)?.[1] ?? '';
  const word = (key) => head.match(new RegExp(`^\\s*${key}:\\s*(.+?)\\s*(?:#.*)?$`, 'm'))?.[1]?.replace(/^(['"])(.*)\1$/, '$2');
  const number = (key) => (word(key) === undefined ? null : Number(word(key)));
  const title = word('title') ?? source.match(/^#\s+(.+)$/m)?.[1] ?? '';
  return { title, number: number('number'), commands: number('commands') };
}

/** Files below a folder by their paths from there; exercises and what begins with a dot aside. */
function files(folder, prefix = '') {
  return readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.') || entry.name === 'exercises') return [];
    return entry.isDirectory() ? files(folder, `${prefix}${entry.name}/`) : [`${prefix}${entry.name}`];
  });
}

/** Puts the chapters of `from` into the page's folder. */
export function putLessons(from, page) {
  const list = [];
  const to = join(page, 'lessons');
  mkdirSync(to, { recursive: true });
  const chapters = readdirSync(from, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of chapters) {
    const folder = join(from, name);
    const all = files(folder);
    const texts = all.filter((path) => !ASIDE.test(path) && !PICTURE.test(path));
    const beside = Object.fromEntries(texts.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
    const entry = { name, titles: {}, number: null, commands: null, checks: 0 };
    for (const path of all.filter((path) => /^[a-z]{2}\.md$/.test(path))) {
      const language = path.slice(0, 2);
      const source = readFileSync(join(folder, path), 'utf8');
      const { title, number, commands } = front(source);
      entry.titles[language] = title;
      Object.assign(entry, { number, commands, checks: source.match(/^[:`]{3,}\{check\}/gm)?.length ?? 0 });
      writeFileSync(join(to, `${name}.${language}.json`), JSON.stringify({ source, files: beside }));
    }
    for (const path of all.filter((path) => PICTURE.test(path))) {
      mkdirSync(join(to, name, path, '..'), { recursive: true });
      copyFileSync(join(folder, path), join(to, name, path));
    }
    list.push(entry);
  }
  list.sort((a, b) => (a.number ?? 99) - (b.number ?? 99) || (a.name < b.name ? -1 : 1));
  list.sort((a, b) => Number(a.commands !== null) - Number(b.commands !== null));
  writeFileSync(join(to, 'index.json'), JSON.stringify(list));
}
