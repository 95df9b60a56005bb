import createNextIntlPlugin from 'next-intl/plugin';

const everywhere = [
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  { key: 'X-Frame-Options', value: 'DENY' },
  { key: 'Referrer-Policy', value: 'same-origin' },
  { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
  { key: 'Cross-Origin-Resource-Policy', value: 'same-origin' },
  { key: 'Permissions-Policy', value: 'camera=(), geolocation=(), microphone=(), payment=(), usb=()' },
];
const policy = (value) => [{ key: 'Content-Security-Policy', value }];

/** @type {import('next').NextConfig} */
const config = {
  poweredByHeader: false,
  reactStrictMode: true,
  devIndicators: false,
  // `npm test` checks types; a learner's first start need not.
  typescript: { ignoreBuildErrors: true },
  serverExternalPackages: [
    '@electric-sql/pglite',
    'pglite-prisma-adapter',
    '@prisma/client',
    '@prisma/adapter-pg',
    'pg',
    'pino',
    'rate-limiter-flexible',
    'mdx-bundler',
    'esbuild',
    'remark-gfm',
    'shiki',
  ],
  // A page's policy has a nonce and is set in proxy.ts; these are for what has none. The engine's worker runs under the second.
  headers: async () => [
    { source: '/:path*', headers: everywhere },
    { source: '/api/:path*', headers: policy("default-src 'none'; frame-ancestors 'none'") },
    { source: '/_next/static/:path*', headers: policy("default-src 'none'; script-src 'self'; connect-src 'self'") },
  ],
};

export default createNextIntlPlugin('./lib/i18n/request.ts')(config);
