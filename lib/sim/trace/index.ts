/** What happened to packets, put together and in words: the door for interfaces. */
export { type Drop, type Explanation, explainDrop, inPlace } from './explain.ts';
export {
  type FlowTrace,
  flowName,
  flowsOf,
  isBackground,
  isOpening,
  lastDrop,
  lastFlow,
  lastWaiting,
  type PacketTrace,
  packetsOf,
} from './flows.ts';
export { type Described, describeEvent, ENGLISH, placeOf, renderTrace, sentence } from './words.ts';
