/** How the kernel's reasons for dropping packets are recorded: see record.ts. */
export interface DropCases {
  /** Command lines that build a topology, by its name. */
  topologies: Record<string, string[]>;
  cases: DropCase[];
}

export interface DropCase {
  name: string;
  topology: string;
  setup: string[];
  /** Sends packets of which each is lost for the same reason. */
  trigger: string;
  /** Given where a timer of the kernel frees the packet, so that it cannot be told whose it was. */
  reason?: string;
}

export interface RecordedDrops {
  /** `uname -r` of the recording. */
  kernel: string;
  /** Name of a case to enum skb_drop_reason (include/net/dropreason-core.h). */
  reasons: Record<string, string>;
}
