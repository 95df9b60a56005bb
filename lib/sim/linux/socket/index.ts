/** Sockets: the door for programs. */
export { accept, connect, isBroadcastAddress, listen, readable, type Received, recv, recvFrom, send, shutdown, startConnect, takeConnection, takeReceived } from './io.ts';
export { connectDatagram, sendIcmp, sendTo, socketOutput, takeError } from './send.ts';
export { bind, bindToDevice, closeSocket, nsOf, openSocket, type SocketKind, type SocketOptions } from './socket.ts';
export { inputReady } from './poll.ts';
