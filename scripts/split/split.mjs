// Cuts the page's program in two: `now`, which a first visit runs, and `later`, which static/start.mjs fetches when somebody
// is there or something was asked for.
//
// What of `later` is called from `now` has a stand-in there: it fetches `later` if that is not here yet, and calls on through
// the table that `later` fills when it is instantiated. What of `now` is called from `later` is exported under a short name.
// Both use one memory and one stack. Constant data that only `later` points to comes with it.
import { Worker } from 'node:worker_threads';
import binaryen from 'binaryen';
import { unneeded } from './data.mjs';
import { functions, key, read, shorten } from './program.mjs';

/**
 * `whole` is the program with its functions' names and `mangled` the same with their names as the compiler mangled them, which
 * `linked` has, the program as the linker wrote it. `isLater` says of a key whether it can wait. Resolves to `[now, later, names]`, both
 * made small and without names, and the names that wasm-bindgen's script is to use for them, see `shorten`.
 */
export async function split({ whole, mangled, linked }, isLater) {
  const now = read(whole);
  const later = read(whole);
  const short = shorten(now);
  shorten(later);
  const own = functions(now);
  const waiting = own.filter(({ name }) => isLater(key(name)));
  const names = new Set(waiting.map(({ name }) => name));

  share(now, later);
  const twins = functions(read(mangled));
  if (twins.length !== own.length) throw new Error('the two programs of wasm-bindgen differ in more than names');
  const linkedNames = new Set(twins.filter((_, index) => names.has(own[index].name)).map(({ name }) => name));
  shareData(now, later, unneeded(linked, (name) => !linkedNames.has(name)));
  own.forEach(({ name, params, results }, index) => {
    if (names.has(name)) return;
    later.removeFunction(name);
    later.addFunctionImport(name, 'now', shortName(index), params, results);
  });
  addTable(later, waiting.length);
  later.addTableImport('later', 'now', 'later');
  later.addActiveElementSegment('later', 'later', [...names], later.i32.const(0));
  later.runPasses(['remove-unused-module-elements']);

  addTable(now, waiting.length);
  now.addTableExport('later', 'later');
  now.addGlobal('here', binaryen.i32, true, now.i32.const(0));
  now.addGlobalExport('here', 'here');
  now.addFunctionImport('fetch', 'later', 'fetch', binaryen.none, binaryen.none);
  waiting.forEach(({ name, params, results }, slot) => {
    now.removeFunction(name);
    now.addFunction(name, params, results, [], standIn(now, slot, params, results));
  });
  each(later.getNumFunctions(), (index) => {
    const { name, module, base } = binaryen.getFunctionInfo(later.getFunctionByIndex(index));
    if (module === 'now') now.addFunctionExport(name, base);
  });
  return [...(await Promise.all([small(now), small(later)])), short];
}

function standIn(now, slot, params, results) {
  const passed = binaryen.expandType(params).map((type, index) => now.local.get(index, type));
  const absent = now.i32.eqz(now.global.get('here', binaryen.i32));
  return now.block(
    null,
    [now.if(absent, now.call('fetch', [], binaryen.none)), now.call_indirect('later', now.i32.const(slot), passed, params, results)],
    results,
  );
}

/** Lets `later` have the tables and the globals of `now`, and nothing of its own in them. */
function share(now, later) {
  const names = (count, find) => each(count, (index) => find(index).name);
  for (const name of names(later.getNumExports(), (index) => binaryen.getExportInfo(later.getExportByIndex(index)))) {
    later.removeExport(name);
  }
  const segment = (index) => binaryen.getElementSegmentInfo(later.getElementSegmentByIndex(index));
  for (const name of names(later.getNumElementSegments(), segment)) later.removeElementSegment(name);
  each(now.getNumTables(), (index) => {
    const { name } = binaryen.getTableInfo(now.getTableByIndex(index));
    now.addTableExport(name, `t${index}`);
    later.addTableImport(name, 'now', `t${index}`);
  });
  each(now.getNumGlobals(), (index) => {
    const { name, type, mutable } = binaryen.getGlobalInfo(now.getGlobalByIndex(index));
    now.addGlobalExport(name, `g${index}`);
    later.removeGlobal(name);
    later.addGlobalImport(name, 'now', `g${index}`, type, mutable);
  });
}

/** Lets both have one memory: the data at the addresses of `moved` comes with `later`, all else stays with `now`. */
function shareData(now, later, moved) {
  const { initial, max } = now.getMemoryInfo();
  const segments = each(now.getNumDataSegments(), (index) => {
    const { offset, data } = now.getDataSegmentInfo(now.getDataSegmentByIndex(index));
    return { from: offset, to: offset + data.byteLength, data: new Uint8Array(data) };
  });
  const cut = segments.flatMap((segment) => {
    const edges = moved.filter(({ from, to }) => from >= segment.from && to <= segment.to).flatMap(({ from, to }) => [from, to]);
    const all = [segment.from, ...edges, segment.to];
    return all.slice(1).map((to, index) => ({ from: all[index], data: segment.data.subarray(all[index] - segment.from, to - segment.from), isMoved: index % 2 === 1 }));
  });
  const put = (module, isMoved) => {
    const own = cut.filter((piece) => piece.isMoved === isMoved && piece.data.length > 0);
    const placed = own.map(({ from, data }) => ({ offset: module.i32.const(from), data, passive: false }));
    module.setMemory(initial, max ?? -1, null, placed, false, false, MEMORY);
  };
  put(now, false);
  put(later, true);
  later.addMemoryImport(MEMORY, 'now', 'memory');
}

// As binaryen calls the only memory.
const MEMORY = '0';
/** Like no name that wasm-bindgen gives. */
const shortName = (index) => `:${index.toString(36)}`;
const addTable = (module, size) => module.addTable('later', size, size);
const each = (count, of) => Array.from({ length: count }, (_, index) => of(index));

/** Made small in a thread of its own, for there are two and each takes half a minute. */
function small(module) {
  if (!module.validate()) throw new Error('a part of the cut program is not valid WebAssembly');
  const thread = new Worker(new URL('small.mjs', import.meta.url), { workerData: module.emitBinary() });
  return new Promise((done, failed) => thread.on('message', done).on('error', failed));
}
