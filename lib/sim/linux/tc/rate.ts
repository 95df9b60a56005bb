/** Rates and times of traffic control: psched_ratecfg_precompute() of the kernel, tc_core.c of iproute2. */
import type { Rate } from './types.ts';

/** A rate of so many bytes a second. */
export function makeRate(rate: number): Rate {
  let shift = 0;
  let factor = 1e9;
  let mult = rate > 0 ? Math.floor(factor / rate) : 1;
  while (rate > 0 && mult < 2 ** 31 && factor < 2 ** 63) {
    factor *= 2;
    shift++;
    mult = Math.floor(factor / rate);
  }
  return { rate, mult, shift };
}

/** Nanoseconds that so many bytes take: psched_l2t_ns(). */
export const lengthToTime = (rate: Rate, bytes: number): number => Math.floor((bytes * rate.mult) / 2 ** rate.shift);

/** Nanoseconds in a tick of the interface between kernel and tc: PSCHED_SHIFT. */
const TICK = 64;
const TICKS_PER_US = 1000 / TICK;

export const ticksOf = (ns: number): number => Math.trunc(Math.floor(ns / TICK));
export const ticksToTime = (ticks: number): number => ticks * TICK;
/** tc_core_tick2time(): whole microseconds. */
export const tickToUs = (ticks: number): number => Math.trunc(ticks / TICKS_PER_US);
/** tc_calc_xmittime(): the ticks that `size` bytes take. */
export const transmitTicks = (rate: number, size: number): number =>
  Math.trunc(Math.trunc((1e6 * size) / rate) * TICKS_PER_US);
/** tc_calc_xmitsize(): the bytes that go out in so many ticks. */
export const transmitSize = (rate: number, ticks: number): number => Math.trunc((rate * tickToUs(ticks)) / 1e6);
