using System.Globalization;
using RestKv.Checkers.History;

namespace RestKv.Checkers.Search;

/// <summary>
/// Makes a short proof out of an impossible history of one key. Only weakenings are tried, so what remains is impossible by
/// itself: looks are left out, writes become optional, what ended before the window is covered by a start of which nothing
/// is known, what began after it cannot matter.
/// </summary>
public static class CounterexampleShrinker
{
    private const long StepsMax = 200_000;
    private const int WindowsMax = 50;

    /// <summary>A proof that is not yet the shortest is better than a wait of minutes.</summary>
    private const int AttemptsMax = 400;

    internal static Violation Explain(string key, IReadOnlyList<KeyStep> steps, IReadOnlyList<HistoryOperation> operations)
    {
        var shrunk = Shrink(steps, out var fromAnyStart);
        var ids = shrunk.Where(step => step.IsRequired).OrderBy(step => step.Start).Select(step => step.Id).ToList();
        var byId = operations.ToDictionary(operation => operation.Id);
        var story = string.Join("; ", ids.Select(id => Show(byId[id])));
        var start = fromAnyStart ? "whatever was there before" : "from the empty store";
        return new Violation("I11", $"no order explains key {key}, {start}: {story}", ids);
    }

    /// <summary>The least set of required steps (with the optional ones that could matter) found still to be impossible.</summary>
    internal static IReadOnlyList<KeyStep> Shrink(IReadOnlyList<KeyStep> steps, out bool fromAnyStart)
    {
        List<KeyStep> current = [.. steps.OrderBy(step => step.Start)];
        var window = FindWindow(current);
        fromAnyStart = window is not null || IsImpossible(current, KeyState.Unknown);
        var start = fromAnyStart ? KeyState.Unknown : KeyState.Missing;
        current = CutEnd(window ?? current, start);
        if (fromAnyStart)
        {
            current = CutBeginning(current);
        }

        var attempts = AttemptsMax;
        for (var chunk = Math.Max(1, current.Count / 2); chunk > 0; chunk /= 2)
        {
            for (var i = 0; i < current.Count && attempts > 0; i += chunk)
            {
                var weaker = Weaken(current, i, chunk);
                if (weaker.Count(step => step.IsRequired) == current.Count(step => step.IsRequired))
                {
                    continue;
                }

                attempts--;
                if (IsImpossible(weaker, start))
                {
                    current = weaker;
                    i -= chunk;
                }
            }
        }

        return current;
    }

    /// <summary>
    /// Most proofs are about one value: written once, overwritten, and seen again too late. So the times from a value's only
    /// writer to one who sees it are tried by themselves, the longest first; the search of such a window is short.
    /// </summary>
    private static List<KeyStep>? FindWindow(List<KeyStep> steps)
    {
        var writers = steps
            .SelectMany(step => step.Rules.Where(rule => rule.Effect == KeyEffect.Put).Select(rule => (rule.Value, Step: step)))
            .DistinctBy(pair => (pair.Value, pair.Step.Id))
            .GroupBy(pair => pair.Value)
            .Where(group => group.Count() == 1)
            .ToDictionary(group => group.Key, group => group.First().Step);
        var windows = steps
            .Where(step => step is { IsRequired: true, Rules: [{ RequiredValue: >= 0 }] })
            .Where(step => writers.ContainsKey(step.Rules[0].RequiredValue))
            .Select(step => (From: writers[step.Rules[0].RequiredValue].Start, To: step.End))
            .OrderByDescending(window => window.To - window.From)
            .Take(WindowsMax);
        foreach (var (from, to) in windows)
        {
            var window = steps.FindAll(step => step.Start <= to && (!step.IsRequired || step.End >= from));
            if (IsImpossible(window, KeyState.Unknown))
            {
                return window;
            }
        }

        return null;
    }

    /// <summary>Steps that begin after a moment are weakened; the earliest such moment is found by halving.</summary>
    private static List<KeyStep> CutEnd(List<KeyStep> steps, KeyState start)
    {
        var low = 1;
        var high = steps.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = IsImpossible(FirstOf(steps, middle), start) ? (low, middle) : (middle + 1, high);
        }

        return FirstOf(steps, high);
    }

    /// <summary>The rest is weakened, and what of it begins after every required step has ended is left out.</summary>
    private static List<KeyStep> FirstOf(List<KeyStep> steps, int count)
    {
        var cut = Weaken(steps, count, steps.Count);
        var lastEnd = cut.Where(step => step.IsRequired).Select(step => step.End).DefaultIfEmpty(long.MinValue).Max();
        return cut.FindAll(step => step.Start <= lastEnd);
    }

    private static List<KeyStep> CutBeginning(List<KeyStep> steps)
    {
        var ends = steps.Where(step => step.IsRequired).Select(step => step.End).Order().ToList();
        var low = 0;
        var high = ends.Count - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = IsImpossible(EndingFrom(steps, ends[middle]), KeyState.Unknown) ? (middle, high) : (low, middle - 1);
        }

        return EndingFrom(steps, ends[low]);
    }

    private static List<KeyStep> EndingFrom(List<KeyStep> steps, long end) =>
        steps.FindAll(step => !step.IsRequired || step.End >= end);

    private static List<KeyStep> Weaken(List<KeyStep> steps, int from, int count)
    {
        List<KeyStep> weaker = [];
        for (var i = 0; i < steps.Count; i++)
        {
            var step = steps[i];
            if (i < from || i >= from + (long)count || !step.IsRequired)
            {
                weaker.Add(step);
            }
            else if (!step.IsLook)
            {
                var rules = step.Rules.Where(rule => rule.Effect != KeyEffect.None).Select(rule => rule with { All = [], NotAll = null });
                weaker.Add(step with { IsRequired = false, Rules = [.. rules] });
            }
        }

        return weaker;
    }

    private static bool IsImpossible(IEnumerable<KeyStep> steps, KeyState start) =>
        new KeySearch([.. steps], start, StepsMax).Run() == SearchVerdict.Impossible;

    private static string Show(HistoryOperation operation)
    {
        var end = operation.End == HistoryOperation.Never ? "never" : operation.End.ToString(CultureInfo.InvariantCulture);
        var reply = operation.Reply is HistoryReply.Result result ? Witness.ReplyComparison.Show(result.Value) : "no answer";
        return $"#{operation.Id} client {operation.Client} [{operation.Start}..{end}] {Show(operation.Request)} -> {reply}";
    }

    private static string Show(HistoryRequest request) => request switch
    {
        HistoryRequest.Submit submit => Witness.ReplyComparison.Show(submit.Command),
        HistoryRequest.Read read => Witness.ReplyComparison.Show(new Core.Commands.Operation.Get(read.Range)),
        _ => request.ToString(),
    };
}
