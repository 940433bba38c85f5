using System.Globalization;
using System.Text;

namespace RestKv.Simulator.Engine;

/// <summary>
/// What happened, as a running hash over all events and the text of the last ones of each member. Two runs of a seed must have
/// the same hash.
/// </summary>
internal sealed class Trace(Scheduler scheduler)
{
    private const int KeptOfEach = 60;
    private readonly SortedDictionary<long, Queue<Item>> _last = [];
    private ulong _hash = 14695981039346656037UL;
    private long _number;

    public ulong Hash => _hash;

    /// <summary>Told of every event when somebody wants the whole story.</summary>
    public Action<string>? Listener { get; set; }

    /// <summary>Where a member stands: role, term, committed, applied and durable up to.</summary>
    public Func<long, Standing> StandingOf { get; init; } = _ => default;

    /// <param name="member">0 for what concerns no member.</param>
    public void Add(long member, string what, long a = 0, long b = 0)
    {
        Mix((ulong)scheduler.Now);
        Mix((ulong)member);
        Mix((ulong)a);
        Mix((ulong)b);
        foreach (var letter in what)
        {
            _hash = (_hash ^ letter) * 1099511628211UL;
        }

        var item = new Item(_number++, scheduler.Now, member, what, a, b, member == 0 ? default : StandingOf(member));
        if (!_last.TryGetValue(member, out var kept))
        {
            _last.Add(member, kept = new Queue<Item>());
        }

        kept.Enqueue(item);
        if (kept.Count > KeptOfEach)
        {
            kept.Dequeue();
        }

        Listener?.Invoke(Show(item));
    }

    public string ShowLast()
    {
        var text = new StringBuilder();
        text.AppendLine("     time us  member role       term  commit applied durable  event");
        foreach (var item in _last.Values.SelectMany(kept => kept).OrderBy(item => item.Number))
        {
            text.AppendLine(Show(item));
        }

        return text.ToString();
    }

    private static string Show(Item item)
    {
        var at = item.At;
        var member = item.Member == 0 ? "" : "m" + item.Member.ToString("x", CultureInfo.InvariantCulture);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{item.Time / 1000,12}  {(member.Length > 6 ? member[..6] : member),-6} {at.Role,-9} {at.Term,5} "
                + $"{at.Committed,7} {at.Applied,7} {at.Durable,7}  ")
            + string.Create(CultureInfo.InvariantCulture, $"{item.What} {item.A} {item.B}");
    }

    private void Mix(ulong value) => _hash = (_hash ^ value) * 1099511628211UL;

    private readonly record struct Item(long Number, long Time, long Member, string What, long A, long B, Standing At);
}
