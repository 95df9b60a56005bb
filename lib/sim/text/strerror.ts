import { STRERROR } from './iproute.ts';

/** What sockets answer beside the errors that netlink knows. */
const SOCKET_ERRORS: Readonly<Record<string, string>> = {
  ENOKEY: 'Required key not available',
  EDESTADDRREQ: 'Destination address required',
  EBADF: 'Bad file descriptor',
  EPIPE: 'Broken pipe',
  EPROTO: 'Protocol error',
  ENOPROTOOPT: 'Protocol not available',
  ECONNABORTED: 'Software caused connection abort',
  ECONNRESET: 'Connection reset by peer',
  ENOBUFS: 'No buffer space available',
  EISCONN: 'Transport endpoint is already connected',
  ENOTCONN: 'Transport endpoint is not connected',
  ETIMEDOUT: 'Connection timed out',
  EHOSTDOWN: 'Host is down',
  EINPROGRESS: 'Operation now in progress',
  ENONET: 'Machine is not on the network',
};

/** strerror(3) in glibc's words; the name itself when it is not known. */
export const errnoText = (errno: string): string => STRERROR[errno] ?? SOCKET_ERRORS[errno] ?? errno;
