namespace RestKv.Core.Mvcc;

/// <summary>
/// Interned names of authors; id 0 is "nobody". It grows by one entry per distinct user that ever wrote, and never
/// shrinks. Owned by the writer; readers get <see cref="Names"/>, in which every id they can meet is set.
/// </summary>
internal sealed class AuthorTable
{
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal) { [string.Empty] = 0 };
    private string[] _names = [string.Empty, string.Empty, string.Empty, string.Empty];
    private ulong[] _hashes = new ulong[4];

    public string[] Names => _names;

    public int Intern(string name)
    {
        if (_ids.TryGetValue(name, out var id))
        {
            return id;
        }

        id = _ids.Count;
        if (id == _names.Length)
        {
            Array.Resize(ref _names, id * 2);
            Array.Resize(ref _hashes, id * 2);
        }

        _names[id] = name;
        _hashes[id] = StateHash.Of(name);
        _ids.Add(name, id);
        return id;
    }

    public ulong Hash(int id) => _hashes[id];
}
