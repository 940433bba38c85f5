using System.Globalization;
using System.Text;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;

namespace RestKv.Core.Tests.Mvcc;

/// <summary>Compares by contents; the failure text shows both sides.</summary>
internal static class Same
{
    public static void KeyValues(IEnumerable<KeyValue> expected, IEnumerable<KeyValue> actual) =>
        Assert.Equal(expected.Select(Text), actual.Select(Text));

    public static void Changes(IEnumerable<Change> expected, IEnumerable<Change> actual) =>
        Assert.Equal(expected.Select(Text), actual.Select(Text));

    public static List<KeyValue> ToList(KeyCursor cursor)
    {
        var result = new List<KeyValue>();
        while (cursor.MoveNext())
        {
            result.Add(cursor.Current);
        }

        return result;
    }

    public static List<Change> ToList(ChangeCursor cursor)
    {
        var result = new List<Change>();
        while (cursor.MoveNext())
        {
            result.Add(cursor.Current);
        }

        return result;
    }

    public static List<Change> ToList(HistoryCursor cursor)
    {
        var result = new List<Change>();
        while (cursor.MoveNext())
        {
            result.Add(cursor.Current);
        }

        return result;
    }

    public static string Text(Change change) =>
        $"{change.Cause}#{change.SubRevision}{(change.LastOfRevision ? "!" : "")} {Text(change.KeyValue)}"
        + (change.Previous is { } previous ? " was " + Text(previous) : "");

    public static string Text(KeyValue kv) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Bytes(kv.Key)}={Bytes(kv.Value)} c{kv.CreateRevision} m{kv.ModRevision} v{kv.Version} l{kv.Lease} "
        + $"t{kv.ModifiedAtMs} by '{kv.Author}'");

    private static string Bytes(ReadOnlyMemory<byte> bytes) => bytes.Length > 40
        ? $"{bytes.Length} bytes {StateHash.Of(bytes.Span, 1):x16}"
        : Encoding.Latin1.GetString(bytes.Span);
}
