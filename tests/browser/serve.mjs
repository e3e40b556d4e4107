// SPDX-License-Identifier: GPL-3.0-or-later
//
// A static web server as an office might have one, that remembers every byte it was asked: a folder, and a few files
// put beside it.  It sends no header that the page would need.
import { createServer } from 'node:http';
import { readFile, stat } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';

const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

export class Site {
  // `files`: path in the address -> file
  constructor(folder, files) {
    this.folder = folder;
    this.files = files;
    this.missing = null; // paths that are not there, as a pattern
    this.asked = []; // method, address, headers and body of each request
  }

  async start(port = 0) {
    this.server = createServer((request, response) => this.take(request, response));
    await new Promise(resolve => this.server.listen(port, 'localhost', resolve));
    this.port = this.server.address().port;
    return this;
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  async take(request, response) {
    const body = [];
    for await (const part of request) body.push(part);
    this.asked.push(
      [request.method, request.url, ...request.rawHeaders, Buffer.concat(body).toString('latin1')].join('\n'),
    );
    await this.answer(new URL(request.url, 'http://localhost').pathname, response);
  }

  async answer(path, response) {
    try {
      if (this.missing?.test(path)) throw new Error('not here');
      let file = this.files[path] ?? join(this.folder, normalize(path));
      if ((await stat(file)).isDirectory()) {
        if (!path.endsWith('/')) return response.writeHead(301, { Location: `${path}/` }).end();
        file = join(file, 'index.html');
      }
      response
        .writeHead(200, { 'Content-Type': TYPES[extname(file) || extname(path)] ?? 'application/octet-stream' })
        .end(await readFile(file));
    } catch {
      response.writeHead(404).end();
    }
  }
}
