// Trunk's last step for a release page: the start script moves out of index.html, so that a page that allows no inline
// script still starts, what wasm-bindgen wrote is minified; the editor, which comes
// after the first paint, is bundled, and what `kubectl explain` fetches lies beside it.
import { createHash } from 'node:crypto';
import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync, transformSync } from 'esbuild';
import { putLessons } from './lessons.mjs';

const { CARGO_TARGET_DIR: target, TRUNK_PROFILE, TRUNK_STAGING_DIR: folder } = process.env;

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

if (TRUNK_PROFILE === 'release') {
  const minify = (source) => transformSync(source, { minify: true, format: 'esm', target: 'es2022' }).code;
  for (const name of readdirSync(folder).filter((name) => /^saya-[0-9a-f]+\.js$/.test(name))) {
    const path = join(folder, name);
    writeFileSync(path, minify(readFileSync(path, 'utf8')));
  }
  const index = join(folder, 'index.html');
  let scripts = 0;
  const html = readFileSync(index, 'utf8').replace(/<script type="module">([^]*?)<\/script>/g, (_, source) => {
    scripts += 1;
    const code = minify(source);
    const name = `start-${createHash('sha256').update(code).digest('hex').slice(0, 16)}.js`;
    writeFileSync(join(folder, name), code);
    return `<script type="module" src="./${name}"></script>`;
  });
  if (scripts !== 1) throw new Error(`index.html has ${scripts} inline module scripts where Trunk writes 1`);
  writeFileSync(index, html);
}
