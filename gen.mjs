import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);

// ../../wt-perf-nf/gen.ts
import { writeFileSync } from "node:fs";

// lib/cli/bench/services.ts
import { createHash } from "node:crypto";
var LIVE_ENDPOINTS = ["10.244.2.2", "10.244.3.2", "10.244.2.3"];
var ENDPOINTS = 3;
var PROBABILITY = ["0.33333333349", "0.50000000000"];
var BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
function chainSuffix(name) {
  const bytes = createHash("sha256").update(name).digest();
  let text = "";
  for (let i = 0; i < 16; i++) {
    const bit = i * 5;
    const pair = bytes[bit >> 3] << 8 | bytes[(bit >> 3) + 1];
    text += BASE32[pair >> 11 - (bit & 7) & 31];
  }
  return text;
}
function clusterIp(i) {
  const n = 10 + i;
  return `10.${96 + (n >> 16)}.${n >> 8 & 255}.${n & 255}`;
}
function endpoint(i, e, live) {
  if (live) return LIVE_ENDPOINTS[e];
  const n = i * ENDPOINTS + e;
  return `10.244.${4 + (n / 250 | 0) % 250}.${2 + n % 250}`;
}
function service(i, live) {
  const name = `ns-${i % 20}/svc-${i}:http`;
  const svc = `KUBE-SVC-${chainSuffix(name)}`;
  const ip = clusterIp(i);
  const to = `-m comment --comment "${name} cluster IP" -m tcp -p tcp -d ${ip} --dport 80`;
  const chains = [svc];
  const rules = [`-A ${svc} ${to} ! -s 10.244.0.0/16 -j KUBE-MARK-MASQ`];
  const own = [];
  for (let e = 0; e < ENDPOINTS; e++) {
    const address = endpoint(i, e, live);
    const sep = `KUBE-SEP-${chainSuffix(`${name}${address}:8080`)}`;
    chains.push(sep);
    const chance = e < ENDPOINTS - 1 ? ` -m statistic --mode random --probability ${PROBABILITY[e]}` : "";
    rules.push(`-A ${svc} -m comment --comment "${name} -> ${address}:8080"${chance} -j ${sep}`);
    own.push(
      `-A ${sep} -m comment --comment "${name}" -s ${address} -j KUBE-MARK-MASQ`,
      `-A ${sep} -m comment --comment "${name}" -m tcp -p tcp -j DNAT --to-destination ${address}:8080`
    );
  }
  return { chains, entry: `${to} -j ${svc}`, rules: [...rules, ...own] };
}
var PORTALS = '-m comment --comment "kubernetes service portals" -j KUBE-SERVICES';
var NODEPORTS = '-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS';
var liveServices = (count) => [.../* @__PURE__ */ new Set([0, count >> 1, count - 1])];
function fullTable(count) {
  const live = new Set(liveServices(count));
  const all = Array.from({ length: count }, (_, i) => service(i, live.has(i)));
  return `${[
    "*nat",
    ...["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"].map((c) => `:${c} ACCEPT [0:0]`),
    ...["KUBE-SERVICES", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-MARK-MASQ"].map((c) => `:${c} - [0:0]`),
    ...all.flatMap((s) => s.chains.map((c) => `:${c} - [0:0]`)),
    `-A PREROUTING ${PORTALS}`,
    `-A OUTPUT ${PORTALS}`,
    '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
    "-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN",
    "-A KUBE-POSTROUTING -j MARK --xor-mark 0x4000",
    "-A KUBE-POSTROUTING -j MASQUERADE --random-fully",
    "-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000",
    ...all.flatMap((s) => [`-A KUBE-SERVICES ${s.entry}`, ...s.rules]),
    NODEPORTS,
    "COMMIT"
  ].join("\n")}
`;
}

// ../../wt-perf-nf/gen.ts
writeFileSync("/tmp/wt-perf-nf/full.txt", fullTable(1e4));
