// Trunk's last step for a page: the start script moves out of index.html, so that the page needs no inline script, and its
// Content-Security-Policy says so; the editor, which comes after the first paint, is bundled, and what `kubectl explain`
// fetches lies beside it. For a release, the program is cut in two (split/) and what wasm-bindgen wrote is minified.
//
// `make dev` (SAYA_DEV): the page stays as Trunk made it, for Trunk reloads it by an inline script and a web socket.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync, transformSync } from 'esbuild';
import { putLessons } from './lessons.mjs';
import { compress } from './split/lzma.mjs';
import { shortened } from './split/program.mjs';
import { split } from './split/split.mjs';

const { CARGO_TARGET_DIR: target, SAYA_DEV, TRUNK_PROFILE, TRUNK_STAGING_DIR: folder } = process.env;

// Nothing comes from elsewhere, and nothing goes there. Styles may be written in the page: the figure and the editor place
// things by them, and a style can load nothing either. `data:` and `blob:` are figures on their way to a file.
const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "object-src 'none'",
  "frame-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

// Each build that ever ran left a folder of build.rs: the newest counts.
const builds = readdirSync(target, { recursive: true })
  .filter((path) => /[/\\]build[/\\]saya-[0-9a-f]+[/\\]out[/\\]field-docs\.json$/.test(path))
  .map((path) => join(target, path))
  .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
if (builds.length === 0) throw new Error(`build.rs wrote no field-docs.json below ${target}`);
copyFileSync(builds[0], join(folder, 'field-docs.json'));
putLessons('lessons', folder);

buildSync({
  entryPoints: ['static/editor/editor.mjs'],
  outfile: join(folder, 'editor.js'),
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
});

const hash = (data) => createHash('sha256').update(data).digest('hex').slice(0, 16);
const release = TRUNK_PROFILE === 'release';
const minify = (source, format) => (release ? transformSync(source, { minify: true, treeShaking: format === 'esm', format, target: 'es2022' }).code : source);

/** Writes a file under a name that tells one content from another, and returns it. */
function put(stem, ending, data) {
  const name = `${stem}-${hash(data)}${ending}`;
  writeFileSync(join(folder, name), data);
  return name;
}

const glues = readdirSync(folder).filter((name) => /^saya-[0-9a-f]+\.js$/.test(name));
if (glues.length !== 1) throw new Error(`wasm-bindgen wrote ${glues.length} scripts`);
const [glue] = glues;
const whole = glue.replace('.js', '_bg.wasm');

/** Cuts the program that wasm-bindgen wrote in two: `{ now, script, start }`: the files of the first part and of
 * wasm-bindgen's script, and the script that starts them. */
async function cut() {
  const source = readFileSync(join(folder, glue), 'utf8');
  for (const name of ['__wbg_get_imports', '__wbg_finalize_init']) {
    if (!source.includes(`function ${name}(`)) throw new Error(`wasm-bindgen's script has no ${name}`);
  }
  const doors = 'export { initSync, __wbg_init as default };';
  if (!source.includes(doors)) throw new Error("wasm-bindgen's script has other doors");

  const linked = join(target, 'wasm32-unknown-unknown/release/saya.wasm');
  const aside = join(target, 'mangled');
  execFileSync('wasm-bindgen', ['--target', 'web', '--no-typescript', '--no-demangle', '--out-dir', aside, '--out-name', 'saya', linked]);
  const waiting = new Set(readFileSync('scripts/split/later.txt', 'utf8').split('\n'));
  const program = {
    whole: readFileSync(join(folder, whole)),
    mangled: readFileSync(join(aside, 'saya_bg.wasm')),
    linked: readFileSync(linked),
  };
  const [now, later, names] = await split(program, (key) => waiting.has(key));
  rmSync(join(folder, whole));
  // The script that starts both parts does what its own doors do.
  const open = source.replace(doors, 'export { __wbg_get_imports as imports, __wbg_finalize_init as begin };');
  rmSync(join(folder, glue));
  const script = put('saya', '.js', minify(shortened(open, names), 'esm'));

  const first = put('now', '.wasm.lzma', compress(now));
  const bundle = buildSync({
    entryPoints: ['static/start.mjs'],
    alias: { program: `./${script}` },
    external: [`./${script}`],
    define: { NOW: JSON.stringify(`./${first}`), LATER: JSON.stringify(`./${put('later', '.wasm', later)}`) },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
  });
  return { now: first, script, start: bundle.outputFiles[0].text };
}

const parts = release ? await cut() : null;

if (release) {
  // What Trunk copied as it is written. The styles' names tell their content, and `integrity` says nothing beside that.
  const index = join(folder, 'index.html');
  for (const name of ['door.js', 'saya-cluster.js', 'window.js']) {
    writeFileSync(join(folder, name), minify(readFileSync(join(folder, name), 'utf8')));
  }
  for (const name of readdirSync(folder).filter((name) => name.endsWith('.css'))) {
    const small = transformSync(readFileSync(join(folder, name), 'utf8'), { minify: true, loader: 'css', target: 'es2022' });
    rmSync(join(folder, name));
    const kept = put(name.replace(/-[0-9a-f]+\.css$/, ''), '.css', small.code);
    const link = new RegExp(`href="\\./${name}"( integrity="[^"]*")?`);
    const html = readFileSync(index, 'utf8');
    if (!link.test(html)) throw new Error(`index.html does not name ${name}`);
    writeFileSync(index, html.replace(link, `href="./${kept}"`));
  }
}

if (!SAYA_DEV) {
  const index = join(folder, 'index.html');
  let scripts = 0;
  let html = readFileSync(index, 'utf8').replace(/<script type="module">([^]*?)<\/script>/g, (_, inline) => {
    scripts += 1;
    return `<script type="module" src="./${put('start', '.js', parts?.start ?? inline)}"></script>`;
  });
  if (scripts !== 1) throw new Error(`index.html has ${scripts} inline module scripts where Trunk writes 1`);
  if (parts) {
    html = html.replace(`href="./${glue}"`, `href="./${parts.script}"`);
    html = html.replace(`href="./${whole}"`, `href="./${parts.now}"`).replace('type="application/wasm"', 'type="application/x-lzma"');
    if (!html.includes(parts.now) || !html.includes(parts.script)) throw new Error('index.html does not say that the program is wanted');
  }
  const policy = `<meta http-equiv="Content-Security-Policy" content="${POLICY}" />`;
  writeFileSync(index, html.replace(/<meta charset="utf-8" ?\/?>/, (charset) => `${charset}\n    ${policy}`));
  if (!readFileSync(index, 'utf8').includes(policy)) throw new Error('index.html has no <meta charset> to put the policy behind');

  // What works without a network: all of it. The version is what the files are, so that any change is a new one.
  const all = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && !file.name.startsWith('.'))
    .map((file) => join(file.parentPath ?? file.path, file.name).slice(folder.length + 1))
    .sort();
  const version = hash(all.map((name) => `${name} ${hash(readFileSync(join(folder, name)))}\n`).join(''));
  const worker = readFileSync('static/service-worker.js', 'utf8')
    .replace('const VERSION = null;', `const VERSION = ${JSON.stringify(version)};`)
    .replace('const FILES = null;', `const FILES = ${JSON.stringify(all.map((name) => (name === 'index.html' ? './' : `./${name}`)))};`);
  if (/= null;/.test(worker)) throw new Error('the service worker does not know its version or its files');
  writeFileSync(join(folder, 'service-worker.js'), minify(worker));
}
