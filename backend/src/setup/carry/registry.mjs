// Runs npm on the packages that Buoy has sent. npm's own process serves them on loopback, so that nobody else can answer on that port while npm runs.
// Arguments: npm's program, the folder of bundle and index, the bytes of the index, and then what npm is given.
import { createReadStream, openSync, readFileSync, readSync, realpathSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

/** Stands for this registry in its documents and in the arguments. */
const ORIGIN = 'http://carried.invalid';

const [npm, folder, indexBytes, ...words] = process.argv.slice(2);
const program = realpathSync(npm);
const bundle = openSync(`${folder}/bundle`, 'r');
const files = new Map();
for (const line of readFileSync(`${folder}/index`, 'utf8').split('\n')) {
  const [offset, size, path] = line.split(' ');
  if (path !== undefined) files.set(path, { start: Number(indexBytes) + Number(offset), size: Number(size) });
}

const server = createServer((request, response) => {
  const path = pathOf(request.url);
  const file = files.get(path);
  if (file === undefined) {
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"Buoy has not sent it."}');
    return;
  }
  const { start, size } = file;
  if (path.endsWith('.tgz')) {
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size });
    createReadStream('', { fd: bundle, autoClose: false, start, end: start + size - 1 }).pipe(response);
    return;
  }
  const bytes = Buffer.alloc(size);
  readSync(bundle, bytes, 0, size, start);
  const text = bytes.toString('utf8').replaceAll(ORIGIN, `http://127.0.0.1:${server.address().port}`);
  response.writeHead(200, { 'content-type': 'application/json' }).end(text);
});

/** npm writes the name of a scoped package as @scope%2fname. */
function pathOf(url) {
  try {
    return decodeURIComponent(url.replace(/\?.*$/, ''));
  } catch {
    return '';
  }
}

server.listen(0, '127.0.0.1', () => {
  server.unref();
  const origin = `http://127.0.0.1:${server.address().port}`;
  process.argv = [
    ...[process.execPath, program, ...words.map((word) => word.replace(ORIGIN, origin))],
    // A shrinkwrap names the public registry; a proxy would be asked for the loopback of its own machine.
    ...['--replace-registry-host=always', '--noproxy=127.0.0.1', `--cache=${folder}/npm-cache`],
    // Those of the account may name registries for scopes, which are out of reach.
    ...[`--userconfig=${folder}/npmrc`, `--globalconfig=${folder}/npmrc-global`],
  ];
  createRequire(import.meta.url)(program);
});
