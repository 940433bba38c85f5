using RestKv.Core.Model;

namespace RestKv.Checkers.Model;

/// <summary>One change of the model's history; a deletion has a <see cref="Cause"/> and an entry without value.</summary>
/// <param name="Name">The key as a Latin-1 string, whose ordinal order is byte order.</param>
/// <param name="Previous">The entry before, when the key existed.</param>
public sealed record ModelChange(string Name, KeyValue Entry, DeleteCause Cause, int Sub, KeyValue? Previous)
{
    public long Revision => Entry.ModRevision;

    public bool IsDelete => Cause != DeleteCause.None;
}
