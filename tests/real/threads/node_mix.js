// Workers, shared memory, timers, files, HTTP to itself, ciphers, compiled code, signals.
const { Worker, isMainThread, parentPort, workerData, MessageChannel, threadId } = require("worker_threads");
const http = require("http"), net = require("net"), fs = require("fs"), os = require("os"), path = require("path");
const crypto = require("crypto"), zlib = require("zlib"), dns = require("dns");
const { pipeline, Transform } = require("stream");
const util = require("util"), events = require("events");

if (!isMainThread) {
  const shared = new Int32Array(workerData.shared);
  for (let i = 0; i < 1000; i++) Atomics.add(shared, 0, 1);
  Atomics.notify(shared, 1);
  if (workerData.wait) Atomics.wait(shared, 2, 0, 5000);
  parentPort.on("message", m => { m.port.postMessage([m.n * 2, "from worker"]); m.port.close(); parentPort.close(); });
  parentPort.postMessage("ready");
} else main().catch(e => { console.log("FAILED", e); process.exitCode = 1; });

async function workers() {
  const shared = new SharedArrayBuffer(64), view = new Int32Array(shared), answers = [];
  const list = [0, 1, 2].map(i => new Worker(__filename, { workerData: { shared, wait: i == 2 } }));
  const exits = list.map(w => events.once(w, "exit")); // from now on: a worker may be gone before its answer is seen
  setTimeout(() => { Atomics.store(view, 2, 1); Atomics.notify(view, 2); }, 10);
  for (const [i, w] of list.entries()) {
    const { port1, port2 } = new MessageChannel();
    w.once("message", () => w.postMessage({ n: i, port: port2 }, [port2]));
    answers.push(events.once(port1, "message").then(v => v[0]));
  }
  console.log("workers", await Promise.all(answers));
  await Promise.all(exits);
  console.log("shared", view[0]);
}

async function timers() {
  const seen = [], sleep = util.promisify(setTimeout);
  setImmediate(() => seen.push("immediate"));
  process.nextTick(() => seen.push("tick"));
  queueMicrotask(() => seen.push("microtask"));
  await sleep(3); seen.push("timeout");
  await new Promise(ok => { let n = 0; const t = setInterval(() => { if (++n == 4) { clearInterval(t); ok(); } }, 1); });
  console.log("timers", seen.sort().join(" "));
}

async function files() {
  const dir = await fs.promises.mkdtemp("d-");
  await Promise.all([...Array(20).keys()].map(i => fs.promises.writeFile(path.join(dir, "f" + i), "x".repeat(i * 100))));
  const names = (await fs.promises.readdir(dir)).sort(), sizes = await Promise.all(names.map(async n => (await fs.promises.stat(path.join(dir, n))).size));
  console.log("files", names.length, sizes.reduce((a, b) => a + b));
  const up = new Transform({ transform(c, e, cb) { cb(null, c.toString().toUpperCase()); } });
  await util.promisify(pipeline)(fs.createReadStream(path.join(dir, "f19")), up, zlib.createGzip(), fs.createWriteStream(path.join(dir, "z")));
  console.log("stream", zlib.gunzipSync(await fs.promises.readFile(path.join(dir, "z"))).length);
  await fs.promises.rm(dir, { recursive: true });
}

async function web() {
  const server = http.createServer((q, r) => {
    let n = 0;
    q.on("data", d => n += d.length).on("end", () => { r.setHeader("x-n", n); r.end(JSON.stringify({ url: q.url, method: q.method, n })); });
  });
  await events.once(server.listen(0, "127.0.0.1"), "listening");
  const agent = new http.Agent({ keepAlive: true, maxSockets: 3 });
  const get = i => new Promise((ok, no) => {
    const q = http.request({ port: server.address().port, host: "127.0.0.1", path: "/" + i, method: i % 2 ? "POST" : "GET", agent }, r => {
      let s = ""; r.on("data", d => s += d).on("end", () => ok(JSON.parse(s).n + r.headers["x-n"] * 1));
    });
    q.on("error", no); q.end(i % 2 ? "b".repeat(i * 1000) : undefined);
  });
  console.log("web", (await Promise.all([...Array(12).keys()].map(get))).join());
  agent.destroy(); server.close();
}

async function crypt() {
  const scrypt = util.promisify(crypto.scrypt), gen = util.promisify(crypto.generateKeyPair);
  console.log("scrypt", (await scrypt("p", "s", 16, { N: 1024 })).toString("hex"));
  const { publicKey, privateKey } = await gen("ec", { namedCurve: "prime256v1" });
  const s = crypto.sign("sha256", Buffer.from("m"), privateKey);
  console.log("sign", crypto.verify("sha256", Buffer.from("m"), publicKey, s), crypto.randomBytes(8).length);
  const c = crypto.createCipheriv("aes-256-gcm", Buffer.alloc(32), Buffer.alloc(12)); c.update("abc"); c.final();
  console.log("gcm", c.getAuthTag().toString("hex"));
  console.log("brotli", zlib.brotliDecompressSync(zlib.brotliCompressSync("b".repeat(5000))).length);
}

function jit() {
  const o = []; let s = 0;
  for (let i = 0; i < 200000; i++) { s = (Math.imul(s, 31) + i) | 0; if (i % 3 == 0) o.push({ i, t: "k" + i % 100 }); }
  o.sort((a, b) => a.t < b.t ? -1 : a.t > b.t ? 1 : a.i - b.i);
  const m = new Map(); for (const x of o) m.set(x.t, (m.get(x.t) || 0) + x.i);
  let f = 0; for (let i = 1; i < 100000; i++) f += Math.sin(i) / i;
  const wasm = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127,
    3, 2, 1, 0, 7, 7, 1, 3, 97, 100, 100, 0, 0, 10, 9, 1, 7, 0, 32, 0, 32, 1, 106, 11])));
  console.log("jit", s, m.get("k7"), f.toFixed(6), wasm.exports.add(40, 2));
}

async function main() {
  jit();
  await timers();
  await files();
  await web();
  await crypt();
  await workers();
  const alive = setInterval(() => {}, 1000), signal = events.once(process, "SIGUSR2");
  process.kill(process.pid, "SIGUSR2");
  await signal;
  clearInterval(alive);
  console.log("signal");
}
