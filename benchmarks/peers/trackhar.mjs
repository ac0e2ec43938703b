// TrackHAR (https://github.com/tweaselORG/TrackHAR) as its README runs it, with known values as indicators.
import { readFile } from 'node:fs/promises';
import process from 'node:process';

const { process: processHar } = await import(new URL('../.peers/node_modules/trackhar/dist/index.js', import.meta.url));
const [harFile, knownFile] = process.argv.slice(2);
const indicatorValues = JSON.parse(await readFile(knownFile, 'utf-8'));

const seconds = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6; };
const begin = seconds();
const har = JSON.parse(await readFile(harFile, 'utf-8'));
const loaded = seconds();
const results = await processHar(har, { indicatorValues });
const done = seconds();

const found = results.flatMap((result, index) => (result ?? []).map(({ property }) => [index, property]));
console.log(JSON.stringify({ load_s: loaded - begin, work_s: done - loaded, found }));
process.stdin.resume(); // until it ends
