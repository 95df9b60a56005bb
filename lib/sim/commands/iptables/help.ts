import { HELP_MATCHES_A_K } from './help-matches.ts';
import { HELP_MATCHES_L_Z } from './help-matches-2.ts';
import { HELP_TARGETS, HELP_TARGETS_IP6 } from './help-targets.ts';

const STANDARD = ['ACCEPT', 'DROP', 'QUEUE', 'RETURN'];

function targetHelp(name: string, family: 'ip' | 'ip6'): string {
  if (STANDARD.includes(name)) return '\nstandard match options:\n(If target is DROP, ACCEPT, RETURN or nothing)\n';
  const text = (family === 'ip6' ? HELP_TARGETS_IP6[name] : undefined) ?? HELP_TARGETS[name];
  return text ?? `\n${name} does not take any options\n`;
}

/** What follows the usage for the extensions that were loaded: the target first, then the matches. */
export const extensionHelp = (matches: readonly string[], target: string | null, family: 'ip' | 'ip6'): string =>
  (target === null ? '' : targetHelp(target, family)) +
  matches.map((m) => HELP_MATCHES_A_K[m] ?? HELP_MATCHES_L_Z[m] ?? `\n${m} does not take any options\n`).join('');

/** What `iptables -h` prints. */
export const helpText = (title: string, prog: string, six = prog === 'ip6tables'): string => `${title}

Usage: ${prog} -[ACD] chain rule-specification [options]
       ${prog} -I chain [rulenum] rule-specification [options]
       ${prog} -R chain rulenum rule-specification [options]
       ${prog} -D chain rulenum [options]
       ${prog} -[LS] [chain [rulenum]] [options]
       ${prog} -[FZ] [chain] [options]
       ${prog} -[NX] chain
       ${prog} -E old-chain-name new-chain-name
       ${prog} -P chain target [options]
       ${prog} -h (print this help information)

Commands:
Either long or short options are allowed.
  --append  -A chain\t\tAppend to chain
  --check   -C chain\t\tCheck for the existence of a rule
  --delete  -D chain\t\tDelete matching rule from chain
  --delete  -D chain rulenum
\t\t\t\tDelete rule rulenum (1 = first) from chain
  --insert  -I chain [rulenum]
\t\t\t\tInsert in chain as rulenum (default 1=first)
  --replace -R chain rulenum
\t\t\t\tReplace rule rulenum (1 = first) in chain
  --list    -L [chain [rulenum]]
\t\t\t\tList the rules in a chain or all chains
  --list-rules -S [chain [rulenum]]
\t\t\t\tPrint the rules in a chain or all chains
  --flush   -F [chain]\t\tDelete all rules in  chain or all chains
  --zero    -Z [chain [rulenum]]
\t\t\t\tZero counters in chain or all chains
  --new     -N chain\t\tCreate a new user-defined chain
  --delete-chain
            -X [chain]\t\tDelete a user-defined chain
  --policy  -P chain target
\t\t\t\tChange policy on chain to target
  --rename-chain
            -E old-chain new-chain
\t\t\t\tChange chain name, (moving any references)

Options:
    --ipv4\t-4\t\t${six ? 'Error' : 'Nothing'} (line is ignored by ip6tables-restore)
    --ipv6\t-6\t\t${six ? 'Nothing' : 'Error'} (line is ignored by iptables-restore)
[!] --protocol\t-p proto\tprotocol: by number or name, eg. \`tcp'
[!] --source\t-s address[/mask][...]
\t\t\t\tsource specification
[!] --destination -d address[/mask][...]
\t\t\t\tdestination specification
[!] --in-interface -i input name[+]
\t\t\t\tnetwork interface name ([+] for wildcard)
 --jump\t-j target
\t\t\t\ttarget for rule (may load target extension)
  --goto      -g chain
\t\t\t       jump to chain with no return
  --match\t-m match
\t\t\t\textended match (may load extension)
  --numeric\t-n\t\tnumeric output of addresses and ports
[!] --out-interface -o output name[+]
\t\t\t\tnetwork interface name ([+] for wildcard)
  --table\t-t table\ttable to manipulate (default: \`filter')
  --verbose\t-v\t\tverbose mode
  --wait\t-w [seconds]\tmaximum wait to acquire xtables lock before give up
  --line-numbers\t\tprint line numbers when listing
  --exact\t-x\t\texpand numbers (display exact values)
${six ? '' : '[!] --fragment\t-f\t\tmatch second or further fragments only\n'}  --modprobe=<command>\t\ttry to insert modules using this command
  --set-counters -c PKTS BYTES\tset the counter during insert/append
[!] --version\t-V\t\tprint package version.
`;
