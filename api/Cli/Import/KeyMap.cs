using System.Text;
using Google.Protobuf;
using RestKv.Core.Model;

namespace RestKv.Api.Cli.Import;

/// <summary>
/// Which keys of the source are copied and what they are called in the target. Order is kept: all keys lose the same beginning and
/// get the same one.
/// </summary>
internal sealed class KeyMap
{
    /// <summary>etcd's word for the end of all keys, and, as a start, for the beginning.</summary>
    private static readonly ByteString Nul = ByteString.CopyFrom([0]);

    public static readonly KeyMap Everything = new([], "", "");

    private readonly byte[] _to;
    private readonly int _stripped;

    /// <param name="prefixes">None for all keys.</param>
    /// <param name="strip">Every prefix must begin with it.</param>
    public KeyMap(IReadOnlyList<string> prefixes, string strip, string to)
    {
        _to = Encoding.UTF8.GetBytes(to);
        _stripped = Encoding.UTF8.GetByteCount(strip);
        var ordered = (prefixes.Count == 0 ? [""] : prefixes).Select(Encoding.UTF8.GetBytes).ToList();
        ordered.Sort((left, right) => left.AsSpan().SequenceCompareTo(right));
        var kept = new List<byte[]>();
        foreach (var prefix in ordered)
        {
            if (kept.Count == 0 || !prefix.AsSpan().StartsWith(kept[^1]))
            {
                kept.Add(prefix);
            }
        }

        Sources = [.. kept.Select(prefix => KeyRange.Prefix(prefix))];
        Targets = [.. kept.Select(prefix => KeyRange.Prefix((byte[])[.. _to, .. prefix.AsSpan(_stripped)]))];
        Covering = Sources[^1].Kind == KeyRangeKind.From
            ? KeyRange.From(Sources[0].Start)
            : KeyRange.Between(Sources[0].Start, Sources[^1].End);
    }

    /// <summary>Apart from each other and in order.</summary>
    public IReadOnlyList<KeyRange> Sources { get; }

    /// <summary>Where the keys of each of <see cref="Sources"/> go.</summary>
    public IReadOnlyList<KeyRange> Targets { get; }

    /// <summary>From the first source to the last: two watches would not be in order with each other.</summary>
    public KeyRange Covering { get; }

    public bool Covers(ByteString key)
    {
        foreach (var range in Sources)
        {
            if (range.Contains(key.Span))
            {
                return true;
            }
        }

        return false;
    }

    /// <exception cref="ImportFailure">Nothing would be left of the key.</exception>
    public ByteString ToTarget(ByteString key)
    {
        if (_to.Length == 0 && _stripped == 0)
        {
            return key;
        }

        return _to.Length + key.Length - _stripped > 0
            ? ByteString.CopyFrom([.. _to, .. key.Span[_stripped..]])
            : throw new ImportFailure(
                ExitCodes.Usage, $"nothing would be left of the key {KeyText.Of(key)} without its prefix: give a --to-prefix");
    }

    public static ByteString StartOf(KeyRange range) => range.Start.IsEmpty ? Nul : ByteString.CopyFrom(range.Start.Span);

    public static ByteString EndOf(KeyRange range) =>
        range.Kind == KeyRangeKind.From ? Nul : ByteString.CopyFrom(range.End.Span);
}
