// TrackHAR (https://github.com/tweaselORG/TrackHAR) as its README runs it, with known values as indicators.
import { readFile } from 'node:fs/promises';
import process from 'node:process';

const { process: processHar } = await import(new URL('../.peers/node_modules/trackhar/dist/index.js', import.meta.url));
const [harFile, knownFile] = process.argv.slice(2);
const indicatorValues = JSON.parse(await readFile(knownFile, 'utf-8'));

const begin = performance.now();
const har = JSON.parse(await readFile(harFile, 'utf-8'));
const loaded = performance.now();
const results = await processHar(har, { indicatorValues });
const done = performance.now();

const found = results.flatMap((result, index) => (result ?? []).map(({ property }) => [index, property]));
const peak_mb = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ load_s: (loaded - begin) / 1000, work_s: (done - loaded) / 1000, found, peak_mb }));
