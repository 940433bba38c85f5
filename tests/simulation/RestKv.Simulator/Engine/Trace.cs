using System.Globalization;
using System.Text;

namespace RestKv.Simulator.Engine;

/// <summary>
/// What happened, as a running hash over all events and the text of the last ones. Two runs of a seed must have the same
/// hash.
/// </summary>
internal sealed class Trace(Scheduler scheduler)
{
    private const int KeptMax = 200;
    private readonly Queue<(long Time, long Member, string What, long A, long B)> _last = new();
    private ulong _hash = 14695981039346656037UL;

    public ulong Hash => _hash;

    /// <summary>Told of every event when somebody wants the whole story.</summary>
    public Action<string>? Listener { get; set; }

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

        var item = (scheduler.Now, member, what, a, b);
        _last.Enqueue(item);
        if (_last.Count > KeptMax)
        {
            _last.Dequeue();
        }

        Listener?.Invoke(Show(item));
    }

    public string ShowLast()
    {
        var text = new StringBuilder();
        foreach (var item in _last)
        {
            text.AppendLine(Show(item));
        }

        return text.ToString();
    }

    private static string Show((long Time, long Member, string What, long A, long B) item) => string.Create(
        CultureInfo.InvariantCulture,
        $"{item.Time / 1000,12} us  {(item.Member == 0 ? "" : "m" + item.Member),-4} {item.What,-28} {item.A,10} {item.B,10}");

    private void Mix(ulong value) => _hash = (_hash ^ value) * 1099511628211UL;
}
