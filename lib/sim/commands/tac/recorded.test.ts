import { describe } from 'vitest';
import { replay } from '../../test/recorded.ts';
import cases from './recorded.json' with { type: 'json' };

describe('filters of lines as recorded', () => replay(cases));
