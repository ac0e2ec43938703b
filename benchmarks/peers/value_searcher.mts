// value-searcher (https://github.com/stevenwdv/value-searcher) with its defaults: two layers of encoding, ten of decoding.
// It says that it found a value, not which: the name is `*`.
import { readFile } from 'node:fs/promises';
import process from 'node:process';

const { ValueSearcher } = await import(new URL('../.peers/node_modules/value-searcher/src/valueSearcher.ts', import.meta.url).href);
const [harFile, knownFile] = process.argv.slice(2);
const known: Record<string, string[]> = JSON.parse(await readFile(knownFile!, 'utf-8'));

const seconds = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6; };
const begin = seconds();
const har = JSON.parse(await readFile(harFile!, 'utf-8'));
const loaded = seconds();

function* haystacks({ request, _webSocketMessages: messages }: any): Generator<Buffer> {
	yield Buffer.from(request.url);
	yield Buffer.from(request.headers.map(({ name, value }: any) => `${name}: ${value}`).join('\n'));
	const text: string | undefined = request.postData?.text;
	if (text) yield Buffer.from(text, text.length === request.bodySize ? 'latin1' : 'utf-8');
	for (const { type, opcode, data } of messages ?? [])
		if (type === 'send') yield Buffer.from(data, opcode === 1 ? 'utf-8' : 'base64');
}

const searcher = new ValueSearcher();
for (const value of Object.values(known).flat()) await searcher.addValue(Buffer.from(value));
const found: [number, string][] = [];
for (const [index, entry] of har.log.entries.entries())
	for (const haystack of haystacks(entry))
		if (await searcher.findValueIn(haystack)) {
			found.push([index, '*']);
			break;
		}
console.log(JSON.stringify({ load_s: loaded - begin, work_s: seconds() - loaded, found }));
process.stdin.resume(); // until it ends
