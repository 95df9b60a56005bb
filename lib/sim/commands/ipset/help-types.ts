/** What differs in `ipset help TYPE` from type to type: how elements are written, and the closing remarks. */

const PORTS = `      [PROTO:]PORT is a valid pattern of the following:
           PORTNAME         TCP port name from /etc/services
           PORTNUMBER       TCP port number identifier
           tcp|sctp|udp|udplite:PORTNAME|PORTNUMBER
           icmp:CODENAME    supported ICMP codename
           icmp:TYPE/CODE   ICMP type/code value
           icmpv6:CODENAME  supported ICMPv6 codename
           icmpv6:TYPE/CODE ICMPv6 type/code value
           PROTO:0          all other protocols

           Supported ICMP codenames:
               echo-reply
               pong
               network-unreachable
               host-unreachable
               protocol-unreachable
               port-unreachable
               fragmentation-needed
               source-route-failed
               network-unknown
               host-unknown
               network-prohibited
               host-prohibited
               TOS-network-unreachable
               TOS-host-unreachable
               communication-prohibited
               host-precedence-violation
               precedence-cutoff
               source-quench
               network-redirect
               host-redirect
               TOS-network-redirect
               TOS-host-redirect
               echo-request
               ping
               router-advertisement
               router-solicitation
               ttl-zero-during-transit
               ttl-zero-during-reassembly
               ip-header-bad
               required-option-missing
               timestamp-request
               timestamp-reply
               address-mask-request
               address-mask-reply
           Supported ICMPv6 codenames:
               no-route
               communication-prohibited
               address-unreachable
               port-unreachable
               packet-too-big
               ttl-zero-during-transit
               ttl-zero-during-reassembly
               bad-header
               unknown-header-type
               unknown-option
               echo-request
               ping
               echo-reply
               pong
               router-solicitation
               router-advertisement
               neighbour-solicitation
               neigbour-solicitation
               neighbour-advertisement
               neigbour-advertisement
               redirect
`;

export interface TypeHelp {
  create: string;
  /** The element of add, del and test. */
  elements: [string, string, string];
  usage: string;
}

export const TYPE_HELP: Readonly<Record<string, TypeHelp>> = {
  'hash:ip': {
    create: '',
    elements: ['IP', 'IP', 'IP'],
    usage: `
where depending on the INET family
      IP is a valid IPv4 or IPv6 address (or hostname),
      CIDR is a valid IPv4 or IPv6 CIDR prefix.
      Adding/deleting multiple elements in IP/CIDR or FROM-TO form
      is supported for IPv4.

Type hash:ip supports inet and inet6.
`,
  },
  'hash:net': {
    create: '',
    elements: ['IP[/CIDR]', 'IP[/CIDR]', 'IP[/CIDR]'],
    usage: `
where depending on the INET family
      IP is an IPv4 or IPv6 address (or hostname),
      CIDR is a valid IPv4 or IPv6 CIDR prefix.

Type hash:net supports inet and inet6.
`,
  },
  'hash:ip,port': {
    create: '',
    elements: ['IP,[PROTO:]PORT', 'IP,[PROTO:]PORT', 'IP,[PROTO:]PORT'],
    usage: `
where depending on the INET family
      IP is a valid IPv4 or IPv6 address (or hostname).
      Adding/deleting multiple elements in IP/CIDR or FROM-TO form
      is supported for IPv4.
      Adding/deleting multiple elements with TCP/SCTP/UDP/UDPLITE
      port range is supported both for IPv4 and IPv6.
${PORTS}
Type hash:ip,port supports inet and inet6.
`,
  },
  'hash:ip,port,ip': {
    create: '',
    elements: ['IP,[PROTO:]PORT,IP', 'IP,[PROTO:]PORT,IP', 'IP,[PROTO:]PORT,IP'],
    usage: `
where depending on the INET family
      IP is a valid IPv4 or IPv6 address (or hostname).
      Adding/deleting multiple elements in IP/CIDR or FROM-TO form
      in the first IP component is supported for IPv4.
      Adding/deleting multiple elements with TCP/SCTP/UDP/UDPLITE
      port range is supported both for IPv4 and IPv6.
${PORTS}
Type hash:ip,port,ip supports inet and inet6.
`,
  },
  'hash:ip,port,net': {
    create: '',
    elements: ['IP,[PROTO:]PORT,IP[/CIDR]', 'IP,[PROTO:]PORT,IP[/CIDR]', 'IP,[PROTO:]PORT,IP[/CIDR]'],
    usage: `
where depending on the INET family
      IP are valid IPv4 or IPv6 addresses (or hostnames),
      CIDR is a valid IPv4 or IPv6 CIDR prefix.
      Adding/deleting multiple elements in IP/CIDR or FROM-TO form
      in the first IP component is supported for IPv4.
      Adding/deleting multiple elements with TCP/SCTP/UDP/UDPLITE
      port range is supported both for IPv4 and IPv6.
${PORTS}
Type hash:ip,port,net supports inet and inet6.
`,
  },
  'hash:net,port': {
    create: '',
    elements: ['IP[/CIDR]|FROM-TO,[PROTO:]PORT', 'IP[/CIDR]|FROM-TO,[PROTO:]PORT', 'IP[/CIDR],[PROTO:]PORT'],
    usage: `
where depending on the INET family
      IP is a valid IPv4 or IPv6 address (or hostname),
      CIDR is a valid IPv4 or IPv6 CIDR prefix.
      Adding/deleting multiple elements with TCP/SCTP/UDP/UDPLITE
      port range is supported both for IPv4 and IPv6.
${PORTS}
Type hash:net,port supports inet and inet6.
`,
  },
  'hash:net,iface': {
    create: '',
    elements: ['IP[/CIDR]|FROM-TO,[physdev:]IFACE', 'IP[/CIDR]|FROM-TO,[physdev:]IFACE', 'IP[/CIDR],[physdev:]IFACE'],
    usage: `
where depending on the INET family
      IP is a valid IPv4 or IPv6 address (or hostname),
      CIDR is a valid IPv4 or IPv6 CIDR prefix.
      Adding/deleting multiple elements with IPv4 is supported.

Type hash:net,iface supports inet and inet6.
`,
  },
  'bitmap:ip': {
    create: 'range IP/CIDR|FROM-TO',
    elements: ['IP|IP/CIDR|FROM-TO', 'IP|IP/CIDR|FROM-TO', 'IP'],
    usage: `
where IP, FROM and TO are IPv4 addresses (or hostnames),
      CIDR is a valid IPv4 CIDR prefix.

Type bitmap:ip supports family inet only.
`,
  },
  'bitmap:port': {
    create: 'range [PROTO:]FROM-TO',
    elements: ['[PROTO:]PORT|FROM-TO', '[PROTO:]PORT|FROM-TO', '[PROTO:]PORT'],
    usage: `
where PORT, FROM and TO are port numbers or port names from /etc/services.
      PROTO is only needed if a service name is used and it does not exist
      as a TCP service; just the resolved service numer is stored in the set.

Type bitmap:port is family neutral.
`,
  },
  'bitmap:ip,mac': {
    create: 'range IP/CIDR|FROM-TO',
    elements: ['IP[,MAC]', 'IP[,MAC]', 'IP[,MAC]'],
    usage: `
where IP, FROM and TO are IPv4 addresses (or hostnames),
      CIDR is a valid IPv4 CIDR prefix.
      MAC is a valid MAC address.

Type bitmap:ip,mac supports family inet only.
`,
  },
  'list:set': {
    create: '',
    elements: ['NAME [before|after NAME]', 'NAME [before|after NAME]', 'NAME [before|after NAME]'],
    usage: `
where NAME are existing set names.

Type list:set is family neutral.
`,
  },
  'hash:mac': {
    create: '',
    elements: ['MAC', 'MAC', 'MAC'],
    usage: `


Type hash:mac is family neutral.
`,
  },
  'hash:net,net': {
    create: '',
    elements: ['IP[/CIDR]|FROM-TO,IP[/CIDR]|FROM-TO', 'IP[/CIDR]|FROM-TO,IP[/CIDR]|FROM-TO', 'IP[/CIDR],IP[/CIDR]'],
    usage: `
where depending on the INET family
      IP is an IPv4 or IPv6 address (or hostname),
      CIDR is a valid IPv4 or IPv6 CIDR prefix.
      IP range is not supported with IPv6.

Type hash:net,net supports inet and inet6.
`,
  },
  'hash:ip,mac': {
    create: '',
    elements: ['IP,MAC', 'IP,MAC', 'IP,MAC'],
    usage: `
where depending on the INET family
      IP is a valid IPv4 or IPv6 address (or hostname),
      MAC is a MAC address.

Type hash:ip,mac supports inet and inet6.
`,
  },
  'hash:ip,mark': {
    create: '',
    elements: ['IP,MARK', 'IP,MARK', 'IP,MARK'],
    usage: `
where depending on the INET family
      IP is a valid IPv4 or IPv6 address (or hostname).
      Adding/deleting multiple elements in IP/CIDR or FROM-TO form
      is supported for IPv4.
      Adding/deleting single mark element
      is supported both for IPv4 and IPv6.

Type hash:ip,mark supports inet and inet6.
`,
  },
  'hash:net,port,net': {
    create: '',
    elements: [
      'IP[/CIDR],[PROTO:]PORT,IP[/CIDR]',
      'IP[/CIDR],[PROTO:]PORT,IP[/CIDR]',
      'IP[/CIDR],[PROTO:]PORT,IP[/CIDR]',
    ],
    usage: `
where depending on the INET family
      IP are valid IPv4 or IPv6 addresses (or hostnames),
      CIDR is a valid IPv4 or IPv6 CIDR prefix.
      Adding/deleting multiple elements in IP/CIDR or FROM-TO form
      in both IP components are supported for IPv4.
      Adding/deleting multiple elements with TCP/SCTP/UDP/UDPLITE
      port range is supported both for IPv4 and IPv6.
${PORTS}
Type hash:net,port,net supports inet and inet6.
`,
  },
};
