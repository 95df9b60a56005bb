/** Matches that the mode's rules use beyond those that stand ready. */
import { ipvs } from '../../../linux/netfilter/match/ipvs.ts';
import { physdev } from '../../../linux/netfilter/match/physdev.ts';
import { addMatches } from '../../../linux/netfilter/match/registry.ts';
import { set } from '../../../linux/netfilter/match/set.ts';

addMatches([set, physdev, ipvs]);
