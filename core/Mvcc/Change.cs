using RestKv.Core.Model;

namespace RestKv.Core.Mvcc;

/// <summary>
/// One change in the history: a put (<see cref="Cause"/> none) or a deletion, of which <see cref="KeyValue.Key"/>,
/// <see cref="KeyValue.ModRevision"/>, time and author count. Sub-revisions order the changes of one revision from 0 up.
/// </summary>
/// <param name="LastOfRevision">True when no later change shares the revision.</param>
/// <param name="Previous">What the key was before, when it existed and that revision is still retained.</param>
public readonly record struct Change(
    KeyValue KeyValue,
    DeleteCause Cause,
    int SubRevision,
    bool LastOfRevision,
    KeyValue? Previous)
{
    public bool IsDelete => Cause != DeleteCause.None;
}
