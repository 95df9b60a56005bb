/** What REJECT sends back: an ICMP error, or a TCP reset made from the packet it refuses. */
import { makePacket } from '../../packet/packet.ts';
import { attachConntrack } from '../conntrack/state.ts';
import { sendIcmpError } from '../stack/icmp.ts';
import { ipOutput } from '../stack/output.ts';
import type { HookState } from './ext.ts';

/** An ICMP error about the packet: nf_send_unreach(). */
export function sendReject(state: HookState, type: number, code: number): void {
  sendIcmpError(state.world, state.ns, state.packet, type, code);
}

/** A reset that closes the sender's connection: nf_send_reset(). Nothing answers a reset. */
export function sendTcpReset(state: HookState): void {
  const { world, ns, packet, family } = state;
  const { tcp, ip } = packet;
  if (!tcp || !ip || tcp.rst) return;
  const length = packet.data.length + (tcp.syn ? 1 : 0) + (tcp.fin ? 1 : 0);
  const reset = makePacket({
    id: world.next.packet++,
    ip: {
      src: ip.dst,
      dst: ip.src,
      ttl: 64,
      proto: ip.proto,
      tos: 0,
      id: 0,
      df: family === 'ip',
      mf: false,
      offset: 0,
    },
    tcp: {
      sport: tcp.dport,
      dport: tcp.sport,
      seq: tcp.ackFlag ? tcp.ack : 0,
      ack: tcp.ackFlag ? 0 : (tcp.seq + length) >>> 0,
      syn: false,
      ackFlag: !tcp.ackFlag,
      fin: false,
      rst: true,
      psh: false,
      win: 0,
    },
    data: '',
    mark: 0,
    iif: 0,
  });
  attachConntrack(reset, packet);
  ipOutput(world, ns, reset);
}
