// Serves versions of prompts over HTTP, so that it can be killed. node source.ts <port> <number of versions>
import { createServer } from 'node:http';

const [port = '0', count = '1'] = process.argv.slice(2);

// Whoever started it has gone.
process.once('disconnect', () => process.exit());

createServer(({ url = '/' }, response) => {
  const name = decodeURIComponent(url.slice(1));
  const versions = Array.from({ length: Number(count) }, (_, index) => ({
    name,
    version: `${index + 1}`,
    template: `Version ${index + 1}: greet {{name}}.`,
  }));
  response.setHeader('content-type', 'application/json').end(JSON.stringify(versions));
}).listen(Number(port), '127.0.0.1', () => process.send?.('listening'));
