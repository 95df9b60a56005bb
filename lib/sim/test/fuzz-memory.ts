/** `npx tsx lib/sim/test/fuzz-memory.ts [lines]`: runs random command lines and prints the most memory that the process held. */
import { runLines, SOURCES } from './fuzz.ts';

const total = Number(process.argv[2] ?? 2000);
for (const source of SOURCES) console.log(`${runLines(source, total)} lines ${source.name}`);
console.log(`${Math.round(process.resourceUsage().maxRSS / 1024)} MB resident at most`);
