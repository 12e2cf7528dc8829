/**
 * What each plot of the report draws, as options for the plotting library.
 * Invariant: what a colour says is said by a label or a shape too, and every label is a text of ours.
 */
import type { EChartsOption, LineSeriesOption } from 'echarts';
import type { ReportCounts } from '../../domain/report/counts';
import { percent, RATE_WORDS } from '../../domain/report/words';
import { timeToBookBuckets } from '../../domain/report/time-to-book';
import type { WeekRates } from '../../domain/report/weekly';
import { shareOf } from '../../domain/report/rates';
import { dayInWords, funnelSteps, reminderRows } from '../../domain/report/plotted';

export type Theme = 'light' | 'dark';

interface Palette {
  readonly ink: string;
  readonly quiet: string;
  readonly line: string;
  readonly series: readonly [string, string, string];
}

/** The console's own colours (`styles/ground.css`), told apart by people who see no red or green too. */
const PALETTES: Readonly<Record<Theme, Palette>> = {
  light: { ink: '#17211f', quiet: '#55635f', line: '#dbe2df', series: ['#a2281d', '#1f6f66', '#8a6a12'] },
  dark: { ink: '#e6ecea', quiet: '#9fafaa', line: '#2e3936', series: ['#f4a79f', '#6cc5b8', '#efc872'] },
};
// Without quotes: the library writes it into an attribute as it is.
const FONT = 'system-ui, Segoe UI, Roboto, Noto Sans, sans-serif';

/** More of them beside each other would overlap. */
const MOST_WORDS = 8;

/** Small enough for its words to be read on a phone. */
export const PLOT_SIZE = { width: 480, height: 260 } as const;

/** One bar a step, each with its count and its share of the first. */
export function funnelOption(counts: ReportCounts, theme: Theme): EChartsOption {
  const steps = funnelSteps(counts);
  const words = steps.map(({ count, share }) => (share === null ? String(count) : `${count} (${percent(share)})`));
  return lyingBars(theme, { labels: steps.map(({ label }) => label), values: steps.map(({ count }) => count), words });
}

/** One line a rate; a week without cases leaves a gap. */
export function weeklyOption(weeks: readonly WeekRates[], theme: Theme): EChartsOption {
  const { ink, line, series: colors } = PALETTES[theme];
  const lines = (['no_show', 'reschedule', 'early_cancel'] as const).map((name, index): LineSeriesOption => ({
    type: 'line',
    name: RATE_WORDS[name].label,
    silent: true,
    symbolSize: 8,
    symbol: (['circle', 'rect', 'triangle'] as const)[index] ?? 'circle',
    color: colors[index] ?? ink,
    lineStyle: { width: 2.5, type: (['solid', 'dashed', 'dotted'] as const)[index] ?? 'solid' },
    data: weeks.map(({ shares }) => inPercent(shares[name])),
  }));
  return {
    ...base(theme, { left: 48, right: 16, top: 44, bottom: 34 }),
    legend: {
      top: 4,
      left: 4,
      itemWidth: 26,
      itemGap: 14,
      selectedMode: false,
      textStyle: { color: ink, fontFamily: FONT, fontSize: 12 },
    },
    xAxis: wordAxis(
      theme,
      weeks.map(({ slotWeek }) => dayInWords(slotWeek)),
    ),
    yAxis: {
      type: 'value',
      min: 0,
      splitLine: { lineStyle: { color: line } },
      axisLabel: { ...axisLabel(theme), formatter: '{value} %' },
    },
    series: lines,
  };
}

export function timeToBookOption({ timeToBookHours }: ReportCounts, theme: Theme): EChartsOption {
  const buckets = timeToBookBuckets(timeToBookHours);
  const words = buckets.map(({ count }) => String(count));
  return lyingBars(theme, {
    labels: buckets.map(({ label }) => label),
    values: buckets.map(({ count }) => count),
    words,
  });
}

/** Two bars: who came of those with, and of those without a reminder. */
export function reminderOption(counts: ReportCounts, theme: Theme): EChartsOption {
  const rows = reminderRows(counts);
  const shares = rows.map(({ showed, cases }) => shareOf({ hits: showed, cases }));
  const words = rows.map(({ showed, cases }, index) => {
    const share = shares[index] ?? null;
    return share === null ? 'none' : `${percent(share)} (${showed} of ${cases})`;
  });
  const values = shares.map((share) => inPercent(share) ?? 0);
  return lyingBars(theme, { labels: rows.map(({ label }) => label), values, words, max: 100 });
}

/** Bars from the left, the first on top, each with its words behind it. */
function lyingBars(
  theme: Theme,
  bars: {
    readonly labels: readonly string[];
    readonly values: readonly number[];
    readonly words: readonly string[];
    readonly max?: number;
  },
): EChartsOption {
  const { labels, values, words, max = Math.max(1, ...values) } = bars;
  const { ink, series } = PALETTES[theme];
  return {
    ...base(theme, { left: 110, right: 130, top: 8, bottom: 8 }),
    xAxis: { type: 'value', min: 0, max, show: false },
    yAxis: { ...wordAxis(theme, labels), inverse: true },
    series: [
      {
        type: 'bar',
        silent: true,
        barMaxWidth: 40,
        data: [...values],
        itemStyle: { color: series[1], borderRadius: 2 },
        label: {
          show: true,
          position: 'right',
          color: ink,
          fontFamily: FONT,
          fontSize: 13,
          formatter: ({ dataIndex }: { readonly dataIndex: number }) => words[dataIndex] ?? '',
        },
      },
    ],
  };
}

const inPercent = (share: number | null): number | null => (share === null ? null : Number((share * 100).toFixed(1)));

function base(theme: Theme, grid: Readonly<Record<'left' | 'right' | 'top' | 'bottom', number>>): EChartsOption {
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily: FONT, color: PALETTES[theme].ink },
    grid,
  };
}

const axisLabel = (theme: Theme) => ({ color: PALETTES[theme].quiet, fontFamily: FONT, fontSize: 12 });

function wordAxis(theme: Theme, words: readonly string[]) {
  const { line, ink } = PALETTES[theme];
  const interval = words.length > MOST_WORDS ? ('auto' as const) : 0;
  return {
    type: 'category' as const,
    data: [...words],
    axisTick: { show: false },
    axisLine: { lineStyle: { color: line } },
    axisLabel: { ...axisLabel(theme), color: ink, interval },
  };
}
