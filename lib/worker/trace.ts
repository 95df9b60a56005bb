/** Trace events put together and in words: the parts of the engine that a picture needs in the page itself. */
export {
  describeEvent,
  type FlowTrace,
  flowName,
  flowsOf,
  lastFlow,
  type PacketTrace,
  packetsOf,
} from '#sim/trace/index.ts';
