/**
 * Latencies in buckets whose width grows with the value, as HDR histograms do it: 128 buckets between a power of two and
 * the next, so a percentile is at most 0.8 % too high, and recording is one addition. Microseconds.
 */
const BUCKETS_PER_OCTAVE_BITS = 7;
const BUCKETS_PER_OCTAVE = 1 << BUCKETS_PER_OCTAVE_BITS;
/** 2^31 microseconds are 35 minutes: longer than any run. */
const OCTAVES = 32 - BUCKETS_PER_OCTAVE_BITS;

/** Able to cross processes. */
export interface LatencySummary {
  readonly count: number;
  readonly meanUs: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly maxUs: number;
}

export class LatencyHistogram {
  private readonly counts = new Float64Array((OCTAVES + 1) * BUCKETS_PER_OCTAVE);
  private count = 0;
  private sumUs = 0;
  private maxUs = 0;

  record(microseconds: number): void {
    const value = microseconds | 0;
    this.counts[bucketOf(value)]!++;
    this.count++;
    this.sumUs += value;
    if (value > this.maxUs) this.maxUs = value;
  }

  /** The smallest upper bound of a bucket below which `share` of all values lie. */
  percentile(share: number): number {
    const wanted = Math.ceil(this.count * share);
    let seen = 0;
    for (let bucket = 0; bucket < this.counts.length; bucket++) {
      seen += this.counts[bucket]!;
      if (seen >= wanted && seen > 0) return Math.min(upperBound(bucket), this.maxUs);
    }
    return 0;
  }

  summary(): LatencySummary {
    return {
      count: this.count,
      meanUs: this.count === 0 ? 0 : this.sumUs / this.count,
      p50Us: this.percentile(0.5),
      p99Us: this.percentile(0.99),
      p999Us: this.percentile(0.999),
      maxUs: this.maxUs,
    };
  }

  clear(): void {
    this.counts.fill(0);
    this.count = 0;
    this.sumUs = 0;
    this.maxUs = 0;
  }
}

/** Values below 128 have a bucket each; above, the first 8 bits of the value choose it. */
function bucketOf(value: number): number {
  if (value < BUCKETS_PER_OCTAVE) return Math.max(value, 0);
  const octave = 31 - Math.clz32(value) - BUCKETS_PER_OCTAVE_BITS;
  return (octave << BUCKETS_PER_OCTAVE_BITS) + (value >>> octave);
}

function upperBound(bucket: number): number {
  if (bucket < 2 * BUCKETS_PER_OCTAVE) return bucket;
  const octave = (bucket >>> BUCKETS_PER_OCTAVE_BITS) - 1;
  const first = bucket - (octave << BUCKETS_PER_OCTAVE_BITS);
  return (first + 1) * 2 ** octave - 1;
}
