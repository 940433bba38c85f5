using RestKv.Raft;

namespace RestKv.Core;

/// <summary>Who compares the members' states.</summary>
public interface IStateChecks
{
    /// <summary>A mark was applied, with the digest of the state right there.</summary>
    void Marked(long index, long revision, ulong digest);

    void Reported(NodeId member, long index, ulong digest);
}
