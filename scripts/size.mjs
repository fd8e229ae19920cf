// Prints what a visitor's browser loads at first from dist/: each file's bytes, raw and gzipped, and the sums.
import { firstLoad, start, watchedPage } from '../e2e/browser.mjs';

const ground = await start();
const files = await firstLoad(await watchedPage(ground));
await ground.close();

const sum = (field) => files.reduce((total, file) => total + file[field], 0);
const row = (raw, gzipped, name) => console.log(`${String(raw).padStart(10)} ${String(gzipped).padStart(10)}  ${name}`);
row('raw', 'gzipped', 'file');
for (const { name, raw, gzipped } of files) row(raw, gzipped, name);
row(sum('raw'), sum('gzipped'), 'in all');
