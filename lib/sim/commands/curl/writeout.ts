/** The text of -w: variables of one finished transfer. */
import type { HttpHead } from '../../text/http.ts';
import { headerOf } from '../../text/http.ts';

/** What a transfer leaves behind. Times in microseconds since its start. */
export interface Facts {
  url: string;
  method: string;
  scheme: string;
  head: HttpHead | null;
  headerBytes: number;
  bodyBytes: number;
  uploadBytes: number;
  requestBytes: number;
  connects: number;
  redirects: number;
  redirectUrl: string;
  localIp: string;
  localPort: number;
  remoteIp: string;
  remotePort: number;
  file: string;
  exitCode: number;
  error: string;
  times: { lookup: number; connect: number; pretransfer: number; start: number; total: number; redirect: number };
}

const seconds = (us: number): string => (us / 1e6).toFixed(6);

function variables(f: Facts): Record<string, string | number> {
  const { times: t } = f;
  return {
    http_code: String(f.head?.status ?? 0).padStart(3, '0'),
    response_code: String(f.head?.status ?? 0).padStart(3, '0'),
    http_version: f.head?.version ?? '0',
    content_type: f.head ? (headerOf(f.head, 'content-type') ?? '') : '',
    size_download: f.bodyBytes,
    size_header: f.headerBytes,
    size_request: f.requestBytes,
    size_upload: f.uploadBytes,
    speed_download: t.total > 0 ? Math.floor((f.bodyBytes * 1e6) / t.total) : 0,
    speed_upload: t.total > 0 ? Math.floor((f.uploadBytes * 1e6) / t.total) : 0,
    time_namelookup: seconds(t.lookup),
    time_connect: seconds(t.connect),
    time_appconnect: seconds(0),
    time_pretransfer: seconds(t.pretransfer),
    time_starttransfer: seconds(t.start),
    time_total: seconds(t.total),
    time_redirect: seconds(t.redirect),
    num_connects: f.connects,
    num_redirects: f.redirects,
    num_headers: f.head?.headers.length ?? 0,
    redirect_url: f.redirectUrl,
    local_ip: f.localIp,
    local_port: f.localPort,
    remote_ip: f.remoteIp,
    remote_port: f.remotePort,
    method: f.method,
    scheme: f.scheme.toUpperCase(),
    url: f.url,
    url_effective: f.url,
    urlnum: 0,
    filename_effective: f.file,
    exitcode: f.exitCode,
    errormsg: f.error,
    ssl_verify_result: 0,
    proxy_ssl_verify_result: 0,
    http_connect: '000',
    ftp_entry_path: '',
    referer: '',
    certs: '',
    num_certs: 0,
    onerror: '',
    stdout: '',
    stderr: '',
  };
}

/** Expands a format. `unknown` are the names curl complains about. */
export function writeOut(format: string, facts: Facts): { text: string; unknown: string[] } {
  const known = variables(facts);
  const unknown: string[] = [];
  const text = format.replace(
    /%%|%\{([^}]*)\}|\\(.)/g,
    (whole, name: string | undefined, letter: string | undefined) => {
      if (whole === '%%') return '%';
      if (letter !== undefined) return ({ n: '\n', r: '\r', t: '\t' } as Record<string, string>)[letter] ?? whole;
      if (name !== undefined && Object.hasOwn(known, name)) return String(known[name]);
      unknown.push(name ?? '');
      return '';
    },
  );
  return { text, unknown };
}
