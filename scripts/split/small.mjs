// A thread that makes one WebAssembly module small, as `wasm-opt -Oz` does.
import { parentPort, workerData } from 'node:worker_threads';
import binaryen from 'binaryen';

binaryen.setOptimizeLevel(2);
binaryen.setShrinkLevel(2);
const module = binaryen.readBinary(workerData);
module.optimize();
parentPort.postMessage(module.emitBinary());
