/** One note of the channel. */
export interface PostedNote {
  /** 1, 2, 3 … in the order of arrival. */
  readonly n: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** In Slack's mrkdwn. */
  readonly text: string;
}
